"""Our methods can be called as MLflow's."""

import inspect
import re
from pathlib import Path

import mlflow
import mlflow.entities
import pytest

from penstock import MlflowClient
from penstock.rest import entities

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "migrate.md"
NAMES = """
    create_experiment get_experiment get_experiment_by_name search_experiments rename_experiment
    delete_experiment restore_experiment set_experiment_tag delete_experiment_tag

    create_run get_run get_parent_run search_runs update_run set_terminated delete_run restore_run
    log_metric log_param set_tag delete_tag log_batch log_inputs log_outputs get_metric_history

    list_artifacts log_artifact log_artifacts log_text log_dict log_figure log_image log_table
    load_table log_stream download_artifacts

    create_registered_model get_registered_model search_registered_models rename_registered_model
    update_registered_model delete_registered_model set_registered_model_tag
    delete_registered_model_tag set_registered_model_alias delete_registered_model_alias
    create_model_version copy_model_version get_model_version get_model_version_by_alias
    get_model_version_download_uri get_model_version_stages get_latest_versions
    search_model_versions update_model_version transition_model_version_stage delete_model_version
    set_model_version_tag delete_model_version_tag

    create_logged_model get_logged_model search_logged_models finalize_logged_model
    delete_logged_model set_logged_model_tags delete_logged_model_tag log_model_params
    log_model_artifact log_model_artifacts list_logged_model_artifacts
"""
LIKE_MLFLOW = NAMES.split()
OURS_ALONE = {
    "close",
    "download_model",
    "find_model_artifacts",
    "flush",
    "iter_experiments",
    "iter_model_versions",
    "iter_registered_models",
    "iter_runs",
    "mlflow_api_call",
}
MADE_BY_CALLERS = {
    "Dataset",
    "DatasetInput",
    "FileInfo",
    "InputTag",
    "LoggedModelInput",
    "LoggedModelOutput",
    "Metric",
    "Param",
    "RunTag",
}


def methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


OURS, MLFLOWS = methods(MlflowClient), methods(mlflow.MlflowClient)


@pytest.mark.parametrize("name", LIKE_MLFLOW)
def test_a_method_has_the_signature_of_mlflows(name):
    """Names, order, kinds and defaults of all parameters."""
    expected, found = (
        [(one.name, one.kind, one.default) for one in signatures[name].parameters.values()]
        for signatures in (MLFLOWS, OURS)
    )
    assert expected == found


def test_there_are_no_other_methods():
    """What is like MLflow's stands in the list; what is not has a name that MLflow's has not."""
    assert {*LIKE_MLFLOW, *OURS_ALONE} == OURS.keys()
    assert set() == OURS_ALONE & MLFLOWS.keys()


def test_what_is_left_out_is_told():
    """The guide says which of MLflow's methods are not here, and why."""
    text = GUIDE.read_text(encoding="utf-8").partition("## Left out")[2].partition("##")[0]
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", text, re.MULTILINE)
    words = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    missing = MLFLOWS.keys() - OURS.keys()
    assert [] == [name for name in missing if not any(word in name for word in words)]
    assert words == {word for word in words if any(word in name for name in missing)}
    assert set() == {word for word in words for name in LIKE_MLFLOW if word in name}


def test_the_client_is_made_like_mlflows():
    """By tracking and registry URI; all else of ours is named."""
    expected = list(inspect.signature(mlflow.MlflowClient).parameters.values())[:2]
    found = list(inspect.signature(MlflowClient).parameters.values())
    assert [(one.name, one.default) for one in expected] == [
        (one.name, one.default) for one in found[:2]
    ]
    assert {inspect.Parameter.KEYWORD_ONLY} == {one.kind for one in found[2:]}


def test_every_method_has_a_docstring():
    """It is all that an editor shows."""
    assert [] == [name for name in OURS if not getattr(MlflowClient, name).__doc__]


@pytest.mark.parametrize("name", sorted(MADE_BY_CALLERS))
def test_what_callers_make_is_made_as_mlflows(name):
    """The parameters have the names and the order of MLflow's; fewer of them are required."""
    expected = inspect.signature(getattr(mlflow.entities, name)).parameters
    found = inspect.signature(getattr(entities, name)).parameters
    assert list(expected) == list(found)
    required = {
        name for name, parameter in found.items() if parameter.default is inspect.Parameter.empty
    }
    assert required <= {
        name for name, parameter in expected.items() if parameter.default is inspect.Parameter.empty
    }


@pytest.mark.parametrize(
    "name",
    ["RunStatus", "ViewType", "LifecycleStage", "LoggedModelStatus"],
)
def test_closed_sets_are_mlflows(name):
    """The same members with the same values, and the functions that tell about them."""
    theirs, ours = (getattr(module, name) for module in (mlflow.entities, entities))
    members = [member for member in dir(theirs) if member.isupper() and member[0] != "_"]
    assert {member: getattr(theirs, member) for member in members} == {
        member.name: member.value for member in ours
    }
    functions = {
        function
        for function in vars(theirs)
        if function.islower() and function[0] != "_" and "proto" not in function
    }
    assert set() == {function for function in functions if not hasattr(ours, function)}
