"""What the client writes is what MLflow's client reads."""

import math
import time
from types import SimpleNamespace

import mlflow.entities
import numpy as np
import pytest

from penstock.errors import MlflowException
from penstock.rest.entities import Metric, Param, RunTag


@pytest.fixture
def run_id(client, unique) -> str:
    return client.create_run(client.create_experiment(unique)).info.run_id


def test_an_experiment_is_created(stock, client, unique):
    """With a place for artifacts and with tags, which become text."""
    experiment_id = client.create_experiment(
        unique, f"mlflow-artifacts:/{unique}", {"a": 1, "ü": None}
    )
    assert isinstance(experiment_id, str)
    made = stock.get_experiment(experiment_id)
    assert (unique, f"mlflow-artifacts:/{unique}") == (made.name, made.artifact_location)
    assert {"a": "1", "ü": "None"} == made.tags


def test_an_experiment_is_created_once(client, unique):
    """The error code is MLflow's."""
    client.create_experiment(unique)
    with pytest.raises(MlflowException, match="already exists") as refusal:
        client.create_experiment(unique)
    assert "RESOURCE_ALREADY_EXISTS" == refusal.value.error_code


def test_an_experiment_is_changed(stock, client, unique):
    """Renamed, tagged, deleted, restored."""
    experiment_id = client.create_experiment(unique)
    client.rename_experiment(experiment_id, f"{unique}-new")
    client.set_experiment_tag(experiment_id, "n", 3)
    assert f"{unique}-new" == stock.get_experiment(experiment_id).name
    assert {"n": "3"} == stock.get_experiment(experiment_id).tags
    client.delete_experiment_tag(experiment_id, "n")
    client.delete_experiment(experiment_id)
    assert ("deleted", {}) == (
        stock.get_experiment(experiment_id).lifecycle_stage,
        stock.get_experiment(experiment_id).tags,
    )
    client.restore_experiment(experiment_id)
    assert "active" == stock.get_experiment(experiment_id).lifecycle_stage


def test_a_run_is_created(stock, client, unique):
    """And returned as it is."""
    before = time.time_ns() // 1_000_000
    experiment_id = client.create_experiment(unique)
    made = client.create_run(experiment_id, tags={"a": 1, "mlflow.user": "ü"}, run_name="näme")
    assert client.get_run(made.info.run_id) == made
    seen = stock.get_run(made.info.run_id)
    assert ("näme", "ü", "RUNNING", "1") == (
        seen.info.run_name,
        seen.info.user_id,
        seen.info.status,
        seen.data.tags["a"],
    )
    assert before <= seen.info.start_time <= time.time_ns() // 1_000_000
    assert 17 == client.create_run(experiment_id, 17).info.start_time


@pytest.mark.parametrize(
    "value",
    [0, -1.5, 1e-300, True, math.nan, np.float32(0.5), np.array([2.5]), np.array(3), "1.25"],
)
def test_a_metric_is_logged(stock, client, run_id, value):
    """Whatever is a number, with its step and time."""
    assert client.log_metric(run_id, "m/é", value, timestamp=5, step=-2) is None
    (seen,) = stock.get_metric_history(run_id, "m/é")
    expected = float(np.asarray(value, dtype=float).item())
    assert (repr(expected), 5, -2) == (repr(seen.value), seen.timestamp, seen.step)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_metrics_arrive_as_with_mlflows_client(stock, client, run_id, value):
    """MLflow's database keeps the largest number instead; both clients see the same."""
    client.log_metric(run_id, "ours", value)
    stock.log_metric(run_id, "stock", value)
    seen = stock.get_run(run_id).data.metrics
    assert seen["stock"] == seen["ours"]
    assert seen == client.get_run(run_id).data.metrics


def test_a_metric_is_logged_now_at_step_0_unless_told(stock, client, run_id):
    """As in MLflow."""
    before = time.time_ns() // 1_000_000
    client.log_metric(run_id, "m", 1)
    (seen,) = stock.get_metric_history(run_id, "m")
    assert 0 == seen.step
    assert before <= seen.timestamp <= time.time_ns() // 1_000_000


def test_a_metric_tells_its_dataset_and_model(stock, client, run_id):
    """As MLflow 3 allows."""
    experiment_id = client.get_run(run_id).info.experiment_id
    model_id = stock.create_logged_model(experiment_id, source_run_id=run_id).model_id
    client.log_metric(run_id, "m", 1, dataset_name="d", dataset_digest="x", model_id=model_id)
    (seen,) = stock.get_logged_model(model_id).metrics
    assert ("d", "x", model_id) == (seen.dataset_name, seen.dataset_digest, seen.model_id)


def test_the_same_metric_twice_is_logged_once(stock, client, run_id):
    """This is why a call that broke off may be repeated."""
    for _ in range(3):
        client.log_metric(run_id, "m", 1, timestamp=1, step=1)
        client.log_batch(run_id, [Metric("m", 1, 1, 1)])
    assert 1 == len(stock.get_metric_history(run_id, "m"))


@pytest.mark.parametrize("value", ["", "ü/%", 3, None, [1, 2], "x" * 6000])
def test_a_param_is_logged(stock, client, run_id, value):
    """As text; what was passed comes back."""
    assert value is client.log_param(run_id, "p/é", value)
    assert {"p/é": str(value)} == stock.get_run(run_id).data.params


def test_a_param_keeps_its_value(client, run_id):
    """The same one again is no change."""
    client.log_param(run_id, "p", 1)
    client.log_param(run_id, "p", "1")
    with pytest.raises(MlflowException, match="p") as refusal:
        client.log_param(run_id, "p", 2)
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


def test_a_tag_is_set_and_removed(stock, client, run_id):
    """As text."""
    assert client.set_tag(run_id, "t/é", 3) is None
    assert "3" == stock.get_run(run_id).data.tags["t/é"]
    client.delete_tag(run_id, "t/é")
    assert "t/é" not in stock.get_run(run_id).data.tags


def test_a_batch_is_logged(stock, client, run_id):
    """Entities of ours and of MLflow, more than one call holds."""
    client.log_batch(
        run_id,
        metrics=[Metric("m", step, step, step) for step in range(2500)]
        + [mlflow.entities.Metric("nan", math.nan, 1, 1)],
        params=[Param(f"p{number}", str(number)) for number in range(150)]
        + [mlflow.entities.Param("stock", "1")],
        tags=[RunTag(f"t{number}", "ü") for number in range(120)]
        + [mlflow.entities.RunTag("stock", "1"), SimpleNamespace(key="number", value=7)],
    )
    seen = stock.get_run(run_id).data
    assert list(range(2500)) == [one.step for one in stock.get_metric_history(run_id, "m")]
    assert math.isnan(seen.metrics["nan"])
    assert (151, "149", "1") == (len(seen.params), seen.params["p149"], seen.params["stock"])
    assert ("ü", "7", "1") == (seen.tags["t119"], seen.tags["number"], seen.tags["stock"])


def test_a_large_batch_is_cut_by_its_size(stock, client, run_id):
    """MLflow takes 1 MB a call."""
    values = {f"p{number}": f"{number:06d}" * 900 for number in range(90)}
    tags = {f"t{number}": f"{number:05d}" * 1500 for number in range(90)}
    client.log_batch(
        run_id,
        params=[Param(key, value) for key, value in values.items()],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )
    seen = stock.get_run(run_id).data
    assert values == seen.params
    assert tags.items() <= seen.tags.items()


def test_an_empty_batch_is_no_call(client):
    """Not even for a run that is not there."""
    assert client.log_batch("nowhere") is None


def test_asynchronous_logging_returns_an_operation(stock, client, run_id):
    """`wait` returns when the server has it."""
    operations = [
        client.log_metric(run_id, "m", 1, synchronous=False),
        client.log_param(run_id, "p", 1, synchronous=False),
        client.set_tag(run_id, "t", 1, synchronous=False),
        client.log_batch(run_id, [Metric("b", 2, 1, 1)], synchronous=False),
    ]
    for operation in operations:
        assert operation.wait() is None
    seen = stock.get_run(run_id).data
    assert ({"m": 1, "b": 2}, {"p": "1"}, "1") == (seen.metrics, seen.params, seen.tags["t"])


def test_an_operation_raises_what_the_server_refused(client, run_id):
    """The logging call itself does not."""
    client.log_param(run_id, "p", 1)
    operation = client.log_param(run_id, "p", 2, synchronous=False)
    with pytest.raises(MlflowException) as refusal:
        operation.wait()
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@pytest.mark.parametrize("status", [None, "FINISHED", "FAILED", "KILLED"])
def test_a_run_is_ended(stock, client, run_id, status):
    """FINISHED and now, unless told."""
    before = time.time_ns() // 1_000_000
    client.set_terminated(run_id, status)
    seen = stock.get_run(run_id).info
    assert status or seen.status == "FINISHED"
    assert (status or "FINISHED") == seen.status
    assert before <= seen.end_time <= time.time_ns() // 1_000_000
    client.set_terminated(run_id, status, end_time=99)
    assert 99 == stock.get_run(run_id).info.end_time


def test_a_run_is_updated(stock, client, run_id):
    """What a call leaves out stays."""
    client.set_terminated(run_id, "FAILED", end_time=99)
    client.update_run(run_id, name="new")
    seen = stock.get_run(run_id).info
    assert ("new", "FAILED", 99) == (seen.run_name, seen.status, seen.end_time)
    client.update_run(run_id, status="RUNNING")
    seen = stock.get_run(run_id).info
    assert ("new", "RUNNING") == (seen.run_name, seen.status)
    client.update_run(run_id)


def test_a_status_that_is_none_is_refused(client, run_id):
    """Before anything is sent, with the list of those there are."""
    with pytest.raises(MlflowException, match="FINISHED, FAILED, KILLED"):
        client.set_terminated(run_id, "DONE")


def test_a_run_is_deleted_and_restored(stock, client, run_id):
    """As in MLflow."""
    client.delete_run(run_id)
    assert "deleted" == stock.get_run(run_id).info.lifecycle_stage
    client.restore_run(run_id)
    assert "active" == stock.get_run(run_id).info.lifecycle_stage
