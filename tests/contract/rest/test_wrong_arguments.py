"""Arguments that cannot be right are refused by their name, before anything is sent."""

import pytest

from contract.rest.loopback import answering, reply
from penstock import MlflowClient
from penstock.errors import MlflowException
from penstock.rest.entities import Dataset, DatasetInput, InputTag, Metric

RUN = "a" * 32
INPUT = DatasetInput(Dataset("d", "1", "local", "{}"), [InputTag("k", 5)])
WRONG = (
    ("name", "create_experiment", (None,)),
    ("name", "create_experiment", (["a"],)),
    ("artifact_location", "create_experiment", ("a", 5)),
    ("artifact_location", "create_experiment", ("a", "runs:/b/c")),
    ("tags", "create_experiment", ("a", None, "b")),
    ("tags", "create_experiment", ("a", None, {1: "b"})),
    ("experiment_id", "get_experiment", (None,)),
    ("name", "get_experiment_by_name", (5,)),
    ("view", "search_experiments", (5,)),
    ("max_results", "search_experiments", (1, "5")),
    ("filter_string", "search_experiments", (1, 5, 5)),
    ("order_by", "search_experiments", (1, 5, None, "name")),
    ("page_token", "search_experiments", (1, 5, None, None, 5)),
    ("new_name", "rename_experiment", ("1", None)),
    ("experiment_id", "delete_experiment", (None,)),
    ("experiment_id", "restore_experiment", ([],)),
    ("key", "set_experiment_tag", ("1", None, "v")),
    ("key", "delete_experiment_tag", ("1", 5)),
    ("experiment_id", "create_run", (None,)),
    ("start_time", "create_run", ("1", 1.5)),
    ("tags", "create_run", ("1", 5, ["a"])),
    ("run_name", "create_run", ("1", 5, None, 7)),
    ("run_id", "get_run", (None,)),
    ("run_id", "get_run", ("../x",)),
    ("run_id", "get_parent_run", (5,)),
    ("experiment_ids", "search_runs", (None,)),
    ("experiment_ids", "search_runs", ([None],)),
    ("filter_string", "search_runs", (["1"], 5)),
    ("view", "search_runs", (["1"], "", "ALL")),
    ("order_by", "search_runs", (["1"], "", 1, 5, "metrics.m")),
    ("status", "set_terminated", (RUN, "DONE")),
    ("end_time", "set_terminated", (RUN, None, "now")),
    ("run_id", "delete_run", (None,)),
    ("run_id", "restore_run", (5,)),
    ("'m'", "log_metric", (RUN, "m", None)),
    ("'m'", "log_metric", (RUN, "m", "much")),
    ("dataset_digest", "log_metric", (RUN, "m", 1, 1, 1, None, "d")),
    ("dataset_name", "log_batch", (RUN, [Metric("m", 1, 1, 1, dataset_digest="x")])),
    ("datasets", "log_inputs", (RUN, "d")),
    ("datasets", "log_inputs", (RUN, [INPUT.dataset])),
    ("value of one of tags", "log_inputs", (RUN, [INPUT])),
    ("models", "log_inputs", (RUN, None, ["m-1"])),
    ("models", "log_outputs", (RUN, ["m-1"])),
    ("name", "create_registered_model", (None,)),
    ("tags", "create_registered_model", ("a", ["b"])),
    ("tags", "create_registered_model", ("a", {"mlflow.prompt.is_prompt": "true"})),
    ("description", "create_registered_model", ("a", None, 5)),
    ("name", "get_registered_model", (5,)),
    ("max_results", "search_registered_models", (None, 1.5)),
    ("name", "delete_registered_model", (None,)),
    ("key", "set_registered_model_tag", ("a", None, "v")),
    ("key", "delete_registered_model_tag", ("a", 5)),
    ("stages", "get_latest_versions", ("a", "Staging")),
    ("name", "set_registered_model_alias", ("a/b", "c", "1")),
    ("alias", "set_registered_model_alias", ("a", "b c", "1")),
    ("version", "set_registered_model_alias", ("a", "b", "c")),
    ("alias", "delete_registered_model_alias", ("a", "")),
    ("name", "get_model_version_by_alias", ("", "a")),
    ("source", "create_model_version", ("a", None)),
    ("tags", "create_model_version", ("a", "models:/m-1", None, {"mlflow.prompt.is_prompt": ""})),
    ("version", "get_model_version", ("a", None)),
    ("version", "get_model_version_download_uri", ("a", 1.5)),
    ("version", "update_model_version", ("a", None, "b")),
    ("description", "update_model_version", ("a", "1")),
    ("stage", "transition_model_version_stage", ("a", "1", None)),
    ("stage", "transition_model_version_stage", ("a", "1", " ")),
    ("version", "delete_model_version", ("a", None)),
    ("version or stage", "set_model_version_tag", ("a", None, "k", "v")),
    ("version and stage", "set_model_version_tag", ("a", "1", "k", "v", "Staging")),
    ("key", "delete_model_version_tag", ("a", "1")),
    ("models:/", "copy_model_version", ("runs:/a/b", "c")),
    ("logged model", "copy_model_version", ("models:/m-1", "c")),
    ("src_model_uri", "copy_model_version", (None, "c")),
    ("experiment_id", "create_logged_model", (None,)),
    ("params", "create_logged_model", ("1", "a", None, None, ["p"])),
    ("model_id", "get_logged_model", ("",)),
    ("model_id", "get_logged_model", ("..",)),
    ("model_id", "get_logged_model", (None,)),
    ("experiment_ids", "search_logged_models", ("1",)),
    ("experiment_ids", "search_logged_models", ([1],)),
    ("datasets", "search_logged_models", (["1"], None, [{}])),
    ("field_name", "search_logged_models", (["1"], None, None, None, [{}])),
    (
        "ascending",
        "search_logged_models",
        (["1"], None, None, None, [{"field_name": "a", "ascending": 1}]),
    ),
    ("status", "finalize_logged_model", ("m-1", "DONE")),
    ("model_id", "delete_logged_model", ("a/b",)),
    ("params", "log_model_params", ("m-1", None)),
    ("tags", "set_logged_model_tags", ("m-1", [])),
    ("key", "delete_logged_model_tag", ("m-1", "a/b")),
    ("key", "delete_logged_model_tag", ("m-1", "..")),
)


@pytest.fixture(scope="module")
def server():
    with answering(reply()) as server:
        yield server


@pytest.mark.parametrize(("named", "method", "arguments"), WRONG)
def test_a_wrong_argument_is_named(server, named, method, arguments):
    """And the server hears nothing of it."""
    with MlflowClient(server.url) as client:
        with pytest.raises(MlflowException, match=named) as refusal:
            getattr(client, method)(*arguments)
        assert refusal.value.error_code in {"INVALID_PARAMETER_VALUE", "INTERNAL_ERROR"}
    assert [] == server.received
