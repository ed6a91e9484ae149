import json
import pickle

import msgspec
import pytest

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._answer import Answer
from penstock.rest.entities import (
    LoggedModelRecord,
    LoggedModelStatus,
    Metric,
    ModelVersion,
    PagedList,
    Param,
    RegisteredModel,
    Run,
    RunTag,
    ViewType,
)

RUN = {
    "info": {
        "run_id": "abc",
        "run_uuid": "abc",
        "experiment_id": "7",
        "run_name": "näme",
        "user_id": "u",
        "status": "FINISHED",
        "start_time": 1,
        "end_time": "1795217957320",
        "artifact_uri": "mlflow-artifacts:/7/abc/artifacts",
        "lifecycle_stage": "active",
    },
    "data": {
        "metrics": [{"key": "m/é", "value": 0.5, "timestamp": 1, "step": 0}],
        "params": [{"key": "p", "value": ""}, {"key": "q"}],
        "tags": [{"key": "mlflow.runName", "value": "näme"}],
    },
    "inputs": {
        "dataset_inputs": [
            {
                "dataset": {"name": "d", "digest": "x", "source_type": "s", "source": "{}"},
                "tags": [{"key": "mlflow.data.context", "value": "train"}],
            }
        ],
        "model_inputs": [{"model_id": "m-1"}],
    },
    "outputs": {"model_outputs": [{"model_id": "m-2", "step": "4"}]},
}


def read(field: str, kind: type, body: object):
    return Answer("GET", "/", 200, json.dumps({field: body}).encode()).one(field, kind)


def test_a_run_has_mlflows_attributes():
    """The paths that programs use."""
    run = read("run", Run, RUN)
    assert ("abc", "FINISHED", 1795217957320) == (
        run.info.run_id,
        run.info.status,
        run.info.end_time,
    )
    assert 0.5 == run.data.metrics["m/é"]
    assert {"p": "", "q": ""} == run.data.params
    assert {"mlflow.runName": "näme"} == run.data.tags
    assert "train" == run.inputs.dataset_inputs[0].tags[0].value
    assert "m-1" == run.inputs.model_inputs[0].model_id
    assert 4 == run.outputs.model_outputs[0].step


def test_a_run_becomes_dictionaries():
    """In MLflow's shape, ready for JSON where MLflow's is."""
    run = read("run", Run, RUN)
    found = run.to_dictionary()
    assert ["info", "data", "inputs", "outputs"] == list(found)
    assert sorted({*RUN["info"]} - {"run_uuid"}) == list(found["info"])
    assert {"train"} == set(found["inputs"]["dataset_inputs"][0]["tags"].values())
    assert found["data"] == json.loads(json.dumps(found["data"]))


def test_what_an_answer_leaves_out_has_mlflows_value():
    """A young run has no end, no data, no inputs."""
    run = read("run", Run, {"info": {"run_id": "abc"}})
    assert run.info.end_time is None
    assert ({}, [], []) == (
        run.data.metrics,
        run.inputs.dataset_inputs,
        run.outputs.model_outputs,
    )


def test_entities_do_not_share_their_empty_values():
    """Or a tag that one caller adds would show up elsewhere."""
    first, second = (read("run", Run, {"info": {"run_id": "abc"}}) for _ in range(2))
    first.data.tags["mine"] = "1"
    assert {} == second.data.tags


def test_entities_are_frozen():
    """What was read stays what was read."""
    run = read("run", Run, RUN)
    with pytest.raises(AttributeError):
        run.info.status = "RUNNING"


def test_entities_can_be_sent_to_another_process():
    """And come back equal."""
    run = read("run", Run, RUN)
    assert run == pickle.loads(pickle.dumps(run))  # noqa: S301 - made here
    page = PagedList([run], "token")
    copy = pickle.loads(pickle.dumps(page))  # noqa: S301 - made here
    assert (page, "token") == (copy, copy.token)


def test_an_entity_is_a_row_of_attributes():
    """`dict(entity)` works as in MLflow, derived attributes included."""
    model = read("model", LoggedModelRecord, {"info": {"model_id": "m-1"}}).to_model()
    assert "models:/m-1" == dict(model)["model_uri"]
    assert {"key": "k", "value": "v"} == dict(RunTag("k", "v"))


def test_small_entities_are_made_as_in_mlflow():
    """By position, and usable in sets."""
    assert 3 == Metric("m", 0.5, 1, 3).step
    assert 2 == len({Param("a", "1"), Param("a", "1"), Param("b", "1")})


def test_a_registered_model_has_its_versions_aliases_and_tags():
    """The tag that marks prompts stays inside."""
    model = read(
        "registered_model",
        RegisteredModel,
        {
            "name": "churn",
            "latest_versions": [{"name": "churn", "version": "3", "current_stage": "None"}],
            "aliases": [{"alias": "champion", "version": "3"}],
            "tags": [
                {"key": "a", "value": "b"},
                {"key": "mlflow.prompt.is_prompt", "value": "true"},
            ],
        },
    )
    assert ("3", {"champion": "3"}, {"a": "b"}) == (
        model.latest_versions[0].version,
        model.aliases,
        model.tags,
    )
    assert model.is_prompt()
    assert "_tags" not in dict(model)


def test_a_version_tells_what_is_missing_from_what_is_empty():
    """As MLflow does: a description may be an empty text."""
    bare = read("v", ModelVersion, {"name": "churn", "version": "3"})
    assert (None, None, "") == (bare.description, bare.run_id, bare.source)
    told = read("v", ModelVersion, {"name": "churn", "version": "3", "description": ""})
    assert "" == told.description


@pytest.mark.parametrize(
    ("sent", "status", "number"),
    [
        ("LOGGED_MODEL_PENDING", LoggedModelStatus.PENDING, 1),
        ("LOGGED_MODEL_READY", LoggedModelStatus.READY, 2),
        ("LOGGED_MODEL_UPLOAD_FAILED", LoggedModelStatus.FAILED, 3),
        ("SOMETHING_NEW", LoggedModelStatus.UNSPECIFIED, 0),
    ],
)
def test_the_status_of_a_logged_model_has_mlflows_short_name(sent, status, number):
    """And its number in `to_dictionary`."""
    body = {"info": {"model_id": "m-1", "status": sent}, "data": {"params": [{"key": "p"}]}}
    model = read("model", LoggedModelRecord, body).to_model()
    assert status == model.status
    assert number == model.to_dictionary()["status"]
    assert {"p": ""} == model.params


def test_a_required_member_is_required():
    """An experiment without an id is none."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({}, entities.Experiment)


def test_every_entity_can_be_imported_by_name():
    """What `__all__` promises is there, and nothing else is made up."""
    for name in entities.__all__:
        assert name == getattr(entities, name).__name__
    assert set(entities.__all__) <= set(dir(entities))
    with pytest.raises(AttributeError, match="Nothing"):
        entities.Nothing  # noqa: B018 - the access is the test


def test_views_have_mlflows_numbers():
    """Programs pass either."""
    assert [1, 2, 3] == [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]
    assert ["ACTIVE_ONLY", "ALL"] == [ViewType.name_of(1), ViewType.name_of(ViewType.ALL)]
    with pytest.raises(MlflowException, match="no view 4"):
        ViewType.name_of(4)
