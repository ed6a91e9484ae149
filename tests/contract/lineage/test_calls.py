"""Every method, called as pipelines do: by the documented names, and with more beside them."""

import inspect

import pytest

from penstock.lineage import BaseMetadataTracker, MLFlowMetadataTracker

ARGUMENTS = {
    "log_artifact": "resource id path",
    "get_artifact": "resource id",
    "log_tag": "resource key value",
    "get_tag": "resource key",
    "log_metadata": "resource id data",
    "get_metadata": "resource id",
    "create_resource": "id type parent",
    "get_resource": "id type parent",
    "update_resource": "resource updates",
    "clean_resource": "resource type",
    "get_prev_resource_version": "resource extra_filters num",
    "get_currently_deployed_model_version": "model_version",
    "get_prediction_job_model_version": "prediction_job",
    "get_latest_model_resource": "model type",
    "get_winning_experiment": "model_version",
    "build_model_lineage": "model_version dataset_versions",
    "get_resource_id": "resource",
    "get_parent_id": "resource type",
    "register_vc_resource": "resource vc_info key additional_metadata",
    "get_vc_info": "resource key",
    "log_data_profile": "resource file_path",
    "get_data_profile": "resource id",
    "log_checks": "resource file_path type",
    "get_data_checks": "resource id type",
    "log_data_comparison": "resource file_path",
    "stop": "",
    "load_model": "model_obj model_version ref_model pipeline_config",
}
BESIDE = {
    "report": object(),
    "checker_class": "GapsChecker",
    "profiler_class": "NumbersProfiler",
    "external": True,
    "prediction_count": 3,
}


@pytest.mark.parametrize("method", ARGUMENTS)
def test_arguments_are_called_as_documented(method):
    """In their order; whatever else comes is taken."""
    parameters = list(inspect.signature(getattr(MLFlowMetadataTracker, method)).parameters.values())
    names = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD][1:]
    assert ARGUMENTS[method].split() == names[: len(ARGUMENTS[method].split())]
    assert {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} <= {
        one.kind for one in parameters
    }


def test_every_documented_method_is_there():
    """And abstract in the base, so that no tracker lacks one."""
    assert ARGUMENTS.keys() == BaseMetadataTracker.__abstractmethods__


def test_every_method_takes_what_callers_pass_along(tracker, file):
    """By name; a method that minds would break the pipelines that others wrote."""
    called = set()

    def call(method: str, **given: object):
        called.add(method)
        more = BESIDE if "type" in ARGUMENTS[method].split() else {**BESIDE, "type": "any"}
        return getattr(tracker, method)(**given, **more)

    model = call("create_resource", id="m", type="model_version", parent=None)
    data = call("create_resource", id="d", type="dataset_version")
    experiment = call("create_resource", id=None, type="experiment", parent=model)
    job = call("create_resource", id="m_predictions", type="prediction_job", parent=model)
    call("log_tag", resource=model, key="status", value="DEPLOYED")
    call("log_metadata", resource=experiment, id="model_trainer", data="argparse.Namespace")
    call("update_resource", resource=model, updates={"winning_experiment_id": experiment[0]})
    call("register_vc_resource", resource=data, vc_info={"hexsha": "a"}, key=None)
    call("build_model_lineage", model_version=model, dataset_versions=[data])
    call("log_artifact", resource=model, id="a", path=str(file))
    for method in ("log_data_profile", "log_checks", "log_data_comparison"):
        call(method, resource=model, file_path=str(file))
    assert "DEPLOYED" == call("get_tag", resource=model, key="status")
    assert "argparse.Namespace" == call("get_metadata", resource=experiment, id="model_trainer")
    assert model == call("get_resource", id="m", type="model_version", parent=None)
    assert {"hexsha": "a"} == call("get_vc_info", resource=data, key="hexsha")
    for method, name in (("artifact", "a"), ("data_profile", "report"), ("data_checks", "report")):
        assert call(f"get_{method}", resource=model, id=name).endswith("report.html")
    assert call("get_prev_resource_version", resource=model, extra_filters=[], num=1) is None
    assert call("get_currently_deployed_model_version", model_version=model) is None
    assert model == call("get_prediction_job_model_version", prediction_job=job)
    assert job == call("get_latest_model_resource", model=model, type="prediction_job")
    assert experiment[0] == call("get_winning_experiment", model_version=model)[0]
    assert "m" == call("get_resource_id", resource=model)
    assert "m" == call("get_parent_id", resource=experiment, type="experiment")
    trainer = call("load_model", model_obj=1, model_version=model, ref_model=None)
    assert 1 == trainer.model
    call("clean_resource", resource=experiment, type="experiment")
    call("stop")
    assert ARGUMENTS.keys() == called
