"""How what is logged in the background travels to the server."""

import json
import math
import threading
import time

import pytest

from penstock import MlflowClient
from penstock.errors import MlflowException
from penstock.rest.entities import Metric, Param, RunTag
from servers import wait_until


def log(client, run_id, values, key="m"):
    for step, value in enumerate(values):
        client.log_metric(run_id, key, value, step=step, synchronous=False)


def test_many_metrics_travel_in_few_calls(tiny, client):
    """In the order in which they were logged."""
    log(client, "r", range(5000))
    client.flush()
    assert list(range(5000)) == tiny.history("r")
    assert len(tiny.batches()) <= 8


def test_a_few_metrics_travel_together(tiny, client):
    """They wait a moment for each other, and nobody has to flush."""
    log(client, "r", range(20))
    wait_until(lambda: len(tiny.history("r")) == 20)
    assert len(tiny.batches()) == 1


def test_each_run_has_its_own_calls(tiny, client):
    """However the logging is mixed."""
    for step in range(300):
        for run in range(5):
            client.log_metric(f"r{run}", "m", step, step=step, synchronous=False)
    client.flush()
    for run in range(5):
        assert list(range(300)) == tiny.history(f"r{run}")
    assert len(tiny.batches()) <= 10


def test_a_busy_run_does_not_keep_others_waiting(tiny, client):
    """Its turn comes after theirs, though it always has enough for a call."""
    is_over = threading.Event()
    is_started = threading.Event()

    def work():
        step = 0
        while not is_over.is_set():
            client.log_metric("busy", "m", step, step=step, synchronous=False)
            step += 1
            if step == 3000:
                is_started.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        is_started.wait()
        client.log_metric("other", "m", 1, synchronous=False).wait()
        assert [1] == tiny.history("other")
    finally:
        is_over.set()
        thread.join()


def test_no_call_is_larger_than_mlflow_takes(tiny, client):
    """A thousand entities, a hundred params, a hundred tags, a megabyte."""
    for number in range(250):
        client.log_param("r", f"p{number}", "v" * 5000, synchronous=False)
        client.set_tag("r", f"t{number}", "ü" * 2000, synchronous=False)
        log(client, "r", range(10), key=f"m{number}")
    client.flush()
    assert (250, 250) == (len(tiny.params["r"]), len(tiny.tags["r"]))
    assert 2500 == len(tiny.metrics["r"])
    for body in tiny.batches():
        counts = [len(body.get(field, ())) for field in ("params", "tags", "metrics")]
        assert max(counts[:2]) <= 100
        assert sum(counts) <= 1000
        assert len(json.dumps(body, ensure_ascii=False).encode()) < 1_000_000


def test_a_param_that_is_logged_twice_is_sent_once(tiny, client):
    """MLflow would refuse the whole batch."""
    operations = [client.log_param("r", "p", 1, synchronous=False) for _ in range(3)]
    client.flush()
    for operation in operations:
        operation.wait()
    assert {"p": "1"} == tiny.params["r"]
    assert [] == client.failures


def test_tags_are_written_in_order(tiny, client):
    """The last value stays, also among those that came in one call."""
    for value in range(300):
        client.set_tag("r", "t", value, synchronous=False)
    client.flush()
    assert [("t", str(value)) for value in range(300)] == tiny.tag_values


def test_what_is_written_at_once_comes_after_what_waits(tiny, client):
    """A tag that was set later is the one that stays."""
    client.set_tag("r", "t", "early", synchronous=False)
    client.set_tag("r", "t", "late")
    client.set_tag("r", "gone", 1, synchronous=False)
    client.delete_tag("r", "gone")
    client.log_param("r", "p", 1, synchronous=False)
    with pytest.raises(MlflowException, match="Changing param values"):
        client.log_param("r", "p", 2)
    assert {"t": "late"} == tiny.tags["r"]
    assert {"p": "1"} == tiny.params["r"]


def test_a_batch_is_one_operation(tiny, client):
    """It is done when all of it is."""
    operation = client.log_batch(
        "r",
        [Metric("m", step, step, step) for step in range(2500)],
        [Param(f"p{number}", "1") for number in range(150)],
        [RunTag("t", "1")],
        synchronous=False,
    )
    assert not operation.is_settled
    operation.wait()
    assert operation.is_settled
    assert (2500, 150, {"t": "1"}) == (
        len(tiny.history("r")),
        len(tiny.params["r"]),
        tiny.tags["r"],
    )


def test_values_survive_the_way(tiny, client):
    """Numbers to the last bit; what JSON has no number for as MLflow writes it."""
    values = [0.1, 1e-310, -0.0, 2**53 + 0.0, math.nan, math.inf, -math.inf]
    log(client, "r", values)
    client.flush()
    expected = [0.1, 1e-310, 0.0, 2**53, "NaN", "Infinity", "-Infinity"]
    assert expected == tiny.history("r")


def test_a_metric_tells_its_model_and_dataset(tiny, client):
    """As those that are sent at once."""
    client.log_metric(
        "r", "m", 1, 5, 6, synchronous=False, dataset_name="d", dataset_digest="x", model_id="m-1"
    ).wait()
    (body,) = tiny.batches()
    assert [
        {
            "key": "m",
            "value": 1.0,
            "timestamp": 5,
            "step": 6,
            "dataset_name": "d",
            "dataset_digest": "x",
            "model_id": "m-1",
        }
    ] == body["metrics"]


def test_a_metric_has_the_time_at_which_it_was_logged(tiny, client):
    """Not the one at which it was sent."""
    before = time.time_ns() // 1_000_000
    client.log_metric("r", "m", 1, synchronous=False)
    after = time.time_ns() // 1_000_000
    client.flush()
    ((_, timestamp, step, _),) = tiny.metrics["r"]
    assert before <= timestamp <= after
    assert 0 == step


@pytest.mark.parametrize(
    ("run_id", "key", "value"), [(5, "m", 1), ("r", 5, 1), ("r", "\ud800", 1), ("r", "m", "one")]
)
def test_what_cannot_be_sent_is_refused_at_once(client, run_id, key, value):
    """Where it is logged, and nothing of it waits."""
    with pytest.raises(MlflowException) as refusal:
        client.log_metric(run_id, key, value, synchronous=False)
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@pytest.mark.parametrize(
    ("setting", "waits"), [("true", True), ("1", True), ("false", False), ("", False)]
)
def test_the_default_is_mlflows(tiny, client, no_settings, setting, waits):
    """MLFLOW_ENABLE_ASYNC_LOGGING decides where the call does not."""
    no_settings.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", setting)
    answers = [
        client.log_metric("r", "m", 1),
        client.set_tag("r", "t", 1),
        client.log_batch("r", [Metric("b", 1, 1, 1)]),
    ]
    param = client.log_param("r", "p", 7)
    assert [waits] * 3 == [answer is not None for answer in answers]
    assert waits is (param != 7)
    client.flush()
    assert {"p": "7"} == tiny.params["r"]


def test_many_threads_may_log_to_many_runs(tiny):
    """Each key of each run keeps its order, and nothing is lost or doubled."""
    threads, runs, each = 8, 50, 25

    def work(number):
        for step in range(each):
            for run in range(runs):
                client.log_metric(f"r{run}", f"m{number}", step, step=step, synchronous=False)

    with MlflowClient(tiny.url) as client:
        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    for run in range(runs):
        for number in range(threads):
            assert list(range(each)) == tiny.history(f"r{run}", f"m{number}")
    assert {1} == set(tiny.times_sent.values())


def test_a_client_that_logs_nothing_any_more_has_no_thread(tiny, client, monkeypatch):
    """One that goes on logging gets another."""
    monkeypatch.setattr("penstock.rest.writer.worker.IDLE", 0.05)

    def is_at_work():
        return "penstock-writer" in [thread.name for thread in threading.enumerate()]

    for step in range(3):
        client.log_metric("r", "m", step, step=step, synchronous=False)
        assert is_at_work()
        wait_until(lambda: not is_at_work())
    assert [0, 1, 2] == tiny.history("r")


def test_ending_a_run_sends_what_is_logged_to_it(tiny, client):
    """Before the run is ended."""
    log(client, "r", range(10))
    client.set_terminated("r")
    log(client, "r", range(10, 20))
    client.update_run("r", name="n")
    endpoints = [endpoint for endpoint, _ in tiny.calls]
    assert [
        "runs/log-batch",
        "runs/update",
        "runs/get",
        "runs/log-batch",
        "runs/update",
    ] == endpoints
    assert list(range(20)) == tiny.history("r")


def test_a_closed_client_takes_nothing_more(tiny):
    """And says so."""
    client = MlflowClient(tiny.url)
    client.log_metric("r", "m", 1, synchronous=False)
    client.close()
    client.close()
    assert [1] == tiny.history("r")
    with pytest.raises(MlflowException, match="has been closed"):
        client.log_metric("r", "m", 1, synchronous=False)
