"""What the server does not take is told, and holds up nothing else."""

import logging

import pytest

from contract.rest.writer.tiny_mlflow import DELETED, MISSING, Odd, Refused
from penstock.errors import MlflowException, PermissionDenied
from penstock.rest.entities import Metric
from penstock.rest.writer.kind import Kind


def log(client, values, key="m", run_id="r"):
    return [
        client.log_metric(run_id, key, value, step=value, synchronous=False) for value in values
    ]


def refusal_of(operation):
    with pytest.raises(MlflowException) as refusal:
        operation.wait()
    return refusal.value


def test_a_changed_param_among_others(tiny, client):
    """Its own operation tells of it, with MLflow's error; all else is written."""
    client.log_param("r", "p", 1)
    before = log(client, range(10))
    changed = client.log_param("r", "p", 2, synchronous=False)
    after = [*log(client, range(10, 20)), client.log_param("r", "q", 1, synchronous=False)]
    error = refusal_of(changed)
    assert "INVALID_PARAMETER_VALUE" == error.error_code
    assert 400 == error.get_http_status_code()
    assert "Changing param values" in error.message
    for operation in before + after:
        operation.wait()
    assert {"p": "1", "q": "1"} == tiny.params["r"]
    assert list(range(20)) == tiny.history("r")


def test_two_values_of_a_param_in_one_go(tiny, client):
    """The first one stays, the second is refused."""
    operations = [client.log_param("r", "p", value, synchronous=False) for value in (1, 1, 2, 1)]
    refusal_of(operations[2])
    for operation in (*operations[:2], operations[3]):
        operation.wait()
    assert {"p": "1"} == tiny.params["r"]


def test_a_bad_name_takes_few_calls_however_often_it_comes(tiny, client):
    """The words of the refusal tell where to look."""
    operations = [(log(client, [step]), log(client, [step], key="lo(ss)")) for step in range(400)]
    client.flush()
    for (good,), (bad,) in operations:
        good.wait()
        assert "lo(ss)" in refusal_of(bad).message
    assert list(range(400)) == tiny.history("r")
    assert len(tiny.calls) <= 5


def test_several_bad_names_in_one_batch(tiny, client):
    """Each is found."""
    for number in range(20):
        log(client, range(5), key=f"good{number}")
        log(client, range(5), key=f"bad{number}!")
        client.set_tag("r", f"bad{number}!", 1, synchronous=False)
    client.flush()
    assert {f"good{number}" for number in range(20)} == {key for key, *_ in tiny.metrics["r"]}
    assert 20 * 6 == len(client.failures)


def test_refusals_without_helpful_words(tiny, client):
    """Then halves of the batch are tried."""

    def disturb(_endpoint, body):
        bad = [item for item in body.get("metrics", ()) if item["value"] in {17, 400, 401}]
        return Refused("no").odd if bad else None

    tiny.disturb = disturb
    operations = log(client, range(500))
    client.flush()
    assert [value for value in range(500) if value not in {17, 400, 401}] == tiny.history("r")
    assert {17, 400, 401} == {value for value in range(500) if operations[value]._error is not None}
    assert len(tiny.calls) < 60


def test_misleading_words_only_cost_calls(tiny, client):
    """What is blamed is sent by itself, and taken."""

    def disturb(_endpoint, body):
        metrics = body.get("metrics", ())
        bad = any(item["key"] == "bad" for item in metrics)
        return Refused("'metrics[0].value' and 'm3' are wrong").odd if bad else None

    tiny.disturb = disturb
    for number in range(30):
        log(client, [1], key=f"m{number}")
    (bad,) = log(client, [1], key="bad")
    refusal_of(bad)
    client.flush()
    assert 30 == len(tiny.metrics["r"])


@pytest.mark.parametrize("run_id", [MISSING, DELETED])
def test_a_run_that_is_not_there_costs_two_calls(tiny, client, run_id):
    """All of its items are refused, those of other runs are not."""
    operations = log(client, range(800), run_id=run_id)
    log(client, range(10))
    client.flush()
    assert {refusal_of(operation).message for operation in operations}
    assert list(range(10)) == tiny.history("r")
    assert 3 == len(tiny.calls)


def test_a_name_that_the_caller_may_not_use(tiny, client):
    """403 for one tag is not 403 for the run."""

    def disturb(_endpoint, body):
        mine = any(tag["key"].startswith("penstock.") for tag in body.get("tags", ()))
        return Odd(403, {"error_code": "PERMISSION_DENIED", "message": "no"}) if mine else None

    tiny.disturb = disturb
    log(client, range(10))
    tag = client.set_tag("r", "penstock.status", 1, synchronous=False)
    other = client.set_tag("r", "mine", 1, synchronous=False)
    assert isinstance(refusal_of(tag), PermissionDenied)
    other.wait()
    client.flush()
    assert {"mine": "1"} == tiny.tags["r"]
    assert list(range(10)) == tiny.history("r")


def test_an_item_that_the_server_fails_at(tiny, client):
    """It is tried several times, then found, and refused."""

    def disturb(_endpoint, body):
        bad = any(item["key"] == "bad" for item in body.get("metrics", ()))
        return Odd(500, {"error_code": "INTERNAL_ERROR", "message": "oops"}) if bad else None

    tiny.disturb = disturb
    log(client, range(10))
    (bad,) = log(client, [1], key="bad")
    assert "INTERNAL_ERROR" == refusal_of(bad).error_code
    assert list(range(10)) == tiny.history("r")


def test_a_call_that_is_too_large_for_a_proxy_is_divided(tiny, client):
    """Its refusal is no MLflow's, and speaks of no item."""

    def disturb(_endpoint, body):
        return Odd(413, {}) if len(body.get("metrics", ())) > 100 else None

    tiny.disturb = disturb
    log(client, range(1000))
    client.flush()
    assert list(range(1000)) == sorted(tiny.history("r"))
    assert [] == client.failures


def test_an_older_server_that_fails_for_what_it_has(tiny, client):
    """MLflow 2.12 refuses a batch of many keys, or with a NaN, that holds a known metric."""
    known = "(sqlite3.IntegrityError) UNIQUE constraint failed: metrics.key, metrics.timestamp"

    def disturb(_endpoint, body):
        metrics = body.get("metrics", ())
        held = {key for key, *_ in tiny.metrics.get("r", ())}
        is_known = any(item["key"] in held for item in metrics)
        return Odd(400, {"error_code": "BAD_REQUEST", "message": known}) if is_known else None

    log(client, [1], key="k7")
    client.flush()
    tiny.disturb = disturb
    operations = [
        client.log_metric("r", f"k{number}", 1, synchronous=False) for number in range(64)
    ]
    for operation in operations:
        operation.wait()
    assert 64 == len({key for key, *_ in tiny.metrics["r"]})
    assert [] == client.failures


def test_a_batch_tells_of_its_refused_item(tiny, client):
    """The rest of it is written."""
    operation = client.log_batch(
        "r", [Metric("good", 1, 1, 1), Metric("b(d)", 1, 1, 1)], synchronous=False
    )
    assert "b(d)" in refusal_of(operation).message
    assert "b(d)" in refusal_of(operation).message
    assert {"good"} == {key for key, *_ in tiny.metrics["r"]}


def test_failures_list_what_was_refused(client):
    """With the error, up to a thousand, the latest last."""
    assert [] == client.failures
    log(client, range(1100), key="b(d)")
    client.set_tag("r", "t(g)", 1, synchronous=False)
    client.flush()
    *_, metric, tag = client.failures
    assert 1000 == len(client.failures)
    assert ("r", Kind.METRIC, "b(d)") == (metric.run_id, metric.kind, metric.key)
    assert ("r", Kind.TAG, "t(g)") == (tag.run_id, tag.kind, tag.key)
    assert isinstance(tag.error, MlflowException)
    assert "tag 't(g)' of run r" == str(tag)


def test_a_reason_is_logged_once(client, caplog):
    """For a key of a run; the end tells how many there were."""
    for _ in range(5):
        log(client, range(3), key="b(d)")
        client.flush()
    assert 1 == caplog.text.count("which `failures` of the client lists")
    assert "3 values of metric 'b(d)' of run r were refused" in caplog.text
    client.close()
    assert "15 logged items were refused by the server" in caplog.text


def test_the_value_of_a_param_is_not_logged(client, caplog):
    """Though the server's words quote it, and the error has them."""
    caplog.set_level(logging.DEBUG)
    client.log_param("r", "password", "first-value")
    changed = client.log_param("r", "password", "hunter2", synchronous=False)
    assert "first-value" in refusal_of(changed).message
    assert "param 'password' of run r was refused" in caplog.text
    assert "first-value" not in caplog.text
    assert "hunter2" not in caplog.text
