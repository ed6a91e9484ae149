"""What `/v1` asks of MLflow, and what it makes of MLflow's answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.bare import Bare, bare_server
from gateway.recorder import Recorder
from gateway.running import USER, Gateway, running_gateway
from gateway.wire import Caller
from servers import wait_until

JSON = {"content-type": "application/json"}
READS = ["/v1/experiment/1", "/v1/experiment/1/run/a", "/v1/models"]


@pytest.fixture(scope="module")
def gateway(upstream_address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of these tests' own: what they make is not left to others."""
    folder = tmp_path_factory.mktemp("errands")
    with running_gateway(folder, upstream_address.url) as running:
        yield running


def call(who: Caller, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    answer = who.call(method, path, content, headers=JSON | headers)
    return answer.status, json.loads(answer.body)


def answer_with(recorder: Recorder, status: int, document: object) -> None:
    recorder.answer_with(status, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("upstream", "code", "status"),
    [
        (400, "RESOURCE_ALREADY_EXISTS", 409),
        (400, "INVALID_PARAMETER_VALUE", 400),
        (400, "BAD_REQUEST", 400),
        (404, "RESOURCE_DOES_NOT_EXIST", 404),
        (500, "INVALID_STATE", 400),
        (403, "PERMISSION_DENIED", 403),
        (500, "INTERNAL_ERROR", 503),
        (503, "TEMPORARILY_UNAVAILABLE", 503),
        (401, "UNAUTHENTICATED", 503),
    ],
)
def test_an_error_of_mlflow_s_has_its_status_on_v1(gateway, recorder, upstream, code, status):
    """In the shape of `/v1`, and never with what a database has said."""
    said = "(sqlite3.IntegrityError) UNIQUE\n[SQL: INSERT]\n[parameters: ('secret',)]"
    answer_with(recorder, upstream, {"error_code": code, "message": said})
    body = {"experiment_name": f"{upstream} {code}"}
    found, document = call(gateway.admin, "POST", "/v1/experiment", body)
    assert (status, {"detail"}) == (found, set(document))
    assert "SQL" not in document["detail"]
    assert "secret" not in document["detail"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff"])
@pytest.mark.parametrize("path", READS)
def test_an_answer_that_is_none_is_a_failure_of_mlflow_s(gateway, recorder, path, body):
    """503 that may be tried again, and no defect of the gateway's."""
    recorder.answer_with(200, body)
    answer = gateway.admin.call("GET", path)
    assert (503, {"detail"}) == (answer.status, set(json.loads(answer.body)))
    assert ["5"] == answer.all("retry-after")


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("GET", "/v1/experiment/1", {}),
        ("GET", "/v1/experiment/1", {"experiment": []}),
        ("GET", "/v1/experiment/1", {"experiment": {}}),
        ("GET", "/v1/experiment/1", {"experiment": {"name": 1}}),
        ("GET", "/v1/experiment/1", {"experiment": {"name": "e", "tags": [1]}}),
        ("POST", "/v1/experiment", {}),
        ("POST", "/v1/experiment", {"experiment_id": 7}),
        ("GET", "/v1/experiment/1/run/a", {"run": {"info": {"experiment_id": "1"}}}),
        ("GET", "/v1/models", {"registered_models": 1}),
        ("GET", "/v1/models", {"registered_models": [1]}),
        ("GET", "/v1/models", {"registered_models": [{}]}),
        ("GET", "/v1/models", {"registered_models": [{"name": "m"}], "model_versions": [{}]}),
    ],
)
def test_an_answer_of_another_form_is_a_failure_of_mlflow_s(
    gateway, recorder, method, path, document
):
    """503 too, however little is missing."""
    answer_with(recorder, 200, document)
    body = {"experiment_name": "e"} if method == "POST" else None
    status, answer = call(gateway.admin, method, path, body)
    assert (503, {"detail"}) == (status, set(answer))


def test_the_words_of_a_refusal_are_mlflow_s(gateway, recorder):
    """Where they are meant for the caller."""
    said = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Names may only contain letters"}
    answer_with(recorder, 400, said)
    found = call(gateway.admin, "POST", "/v1/experiment", {"experiment_name": "e"})
    assert (400, {"detail": said["message"]}) == found


def test_mlflow_gets_what_the_caller_asked_and_no_credentials(gateway, recorder):
    """One call with the caller's program and trace, and with who makes the experiment."""
    answer_with(recorder, 200, {"experiment_id": "7"})
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    others = {"user-agent": "curl/8", "x-forwarded-user": "root", "accept-encoding": "gzip"}
    body = {"experiment_name": "ünï 'e'"}
    expected = {"experiment_id": "7", "experiment_name": "ünï 'e'"}
    answer = call(gateway.user, "POST", "/v1/experiment", body, **trace, **others)
    assert (200, {"status": "SUCCESS", "data": expected}) == answer
    seen = recorder.one()
    assert ("POST", b"/api/2.0/mlflow/experiments/create") == (seen.method, seen.target)
    creator = {"key": "mlflow.user", "value": USER}
    assert {"name": "ünï 'e'", "tags": [creator]} == json.loads(seen.body)
    assert [b"curl/8"] == seen.all(b"user-agent")
    assert [trace["traceparent"].encode()] == seen.all(b"traceparent")
    for name in (b"authorization", b"x-forwarded-user", b"accept-encoding", b"cookie"):
        assert [] == seen.all(name)


def test_who_makes_an_experiment_over_v1_manages_it(gateway, recorder):
    """The grant is there at once, as after MLflow's own call."""
    answer_with(recorder, 200, {"experiment_id": "8"})
    body = {"experiment_name": "managed"}
    assert 200 == call(gateway.user, "POST", "/v1/experiment", body)[0]
    status, answer = call(gateway.admin, "GET", f"/v1/grants?subject=user:{USER}")
    granted = [one for one in answer["data"] if one["pattern"] == "managed"]
    assert (200, [("MANAGE", "8")]) == (
        status,
        [(one["level"], one["resource_id"]) for one in granted],
    )


def test_a_write_stands_in_the_audit_once(gateway, recorder):
    """As the caller's one call, however many of MLflow's it takes; a look leaves no trace."""
    answer_with(recorder, 200, {"experiment": {"name": "e"}, "experiment_id": "9"})
    assert 200 == call(gateway.admin, "PUT", "/v1/experiment/9", {"experiment_name": "audited"})[0]
    assert 200 == call(gateway.admin, "GET", "/v1/experiment/9")[0]

    def audited() -> list[dict[str, Any]]:
        return call(gateway.admin, "GET", "/v1/audit?target=/v1/experiment/9*")[1]["data"]

    wait_until(lambda: audited()[0]["result"] == "200", 10, what="the result")
    found = audited()
    assert [("PUT /v1/experiment/{experiment_id}", "/v1/experiment/9 audited", "200")] == [
        (one["action"], one["target"], one["result"]) for one in found
    ]


def test_what_was_hidden_stands_in_the_audit(gateway, recorder):
    """As over MLflow's own address; what there is not does not."""
    paths = [f"/v1/experiment/{number}" for number in (81, 82)]
    answer_with(recorder, 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"})
    assert 404 == gateway.user.call("GET", paths[0]).status
    hidden = {"experiment_id": "82", "name": "e82", "artifact_location": "mlflow-artifacts:/82"}
    answer_with(recorder, 200, {"experiment": hidden})
    assert 404 == gateway.user.call("GET", paths[1]).status

    def found() -> list[str]:
        records = call(gateway.admin, "GET", "/v1/audit?target=/v1/experiment/8*")[1]["data"]
        return [one["target"] for one in records]

    wait_until(found, 10, what="the refusal")
    assert [paths[1]] == found()


def test_logged_data_are_counted_in_the_audit(gateway, recorder):
    """A record for each of them would hide all others."""
    answer_with(recorder, 200, {"run": {"info": {"experiment_id": "1"}}})
    body = {"metrics": {"key": "m", "value": 1}}
    for _ in range(3):
        assert 200 == call(gateway.admin, "POST", "/v1/run/counted/log-data", body)[0]

    def counted() -> int:
        query = "/v1/audit?target=/v1/run/counted*"
        return sum(one["count"] for one in call(gateway.admin, "GET", query)[1]["data"])

    wait_until(lambda: counted() == 3, what="three calls in the audit")


def test_a_token_for_reading_changes_nothing(gateway, recorder):
    """It is refused before anything is asked of MLflow; looking is let through."""
    made = call(gateway.user, "POST", "/v1/token", {"name": "reading", "scope": "read"})[1]
    reader = Caller(gateway.address, authorization=f"Bearer {made['data']['token']}")
    answer_with(recorder, 200, {"registered_models": []})
    expected = {"status": "SUCCESS", "next_page_token": None, "data": []}
    assert (200, expected) == call(reader, "GET", "/v1/models")
    recorder.reset()
    for method, path, body in (
        ("POST", "/v1/experiment", {"experiment_name": "e"}),
        ("PUT", "/v1/experiment/1", {"experiment_name": "e"}),
        ("DELETE", "/v1/experiment/1", None),
        ("POST", "/v1/experiment/1/run", {}),
        ("DELETE", "/v1/experiment/1/run/a", None),
        ("POST", "/v1/run/a/log-data", {"metrics": {"key": "m", "value": 1}}),
    ):
        assert 403 == call(reader, method, path, body)[0], path
    assert [] == recorder.seen


def test_what_is_wrong_in_itself_is_not_asked_of_mlflow(gateway, recorder):
    """A query or a body that no answer could fit."""
    for method, path, body, status in (
        ("GET", "/v1/models?page_size=0", None, 400),
        ("GET", "/v1/models?filters=x", None, 400),
        ("GET", "/v1/experiment/1?more=1", None, 400),
        ("POST", "/v1/experiment?name=a", {"experiment_name": "e"}, 400),
        ("POST", "/v1/experiment", {"experiment_name": 1}, 422),
        ("POST", "/v1/experiment/1/run", {"tags": 1}, 422),
        ("POST", "/v1/run/a/log-data", {}, 400),
        ("GET", "/v1/experiment/x", None, 404),
    ):
        assert status == call(gateway.admin, method, path, body)[0], path
    assert [] == recorder.seen


@pytest.fixture
def own_strict(tmp_path) -> Iterator[tuple[Gateway, Bare]]:
    bare = Bare()
    with (
        bare_server(bare) as address,
        running_gateway(tmp_path, address.url, upstream_seconds=0.3) as running,
    ):
        yield running, bare


@pytest.mark.parametrize("path", READS)
def test_a_slow_mlflow_is_not_waited_for_for_ever(own_strict, path):
    """504 after the time of an ordinary call."""
    gateway, bare = own_strict
    bare.converse = lambda _begun, connection: connection.recv(1)
    status, answer = call(gateway.admin, "GET", path)
    assert (504, {"detail"}) == (status, set(answer))


@pytest.mark.parametrize("path", READS)
def test_a_dead_mlflow_is_told_at_once(tmp_path_factory, path):
    """503 with when to try again."""
    folder = tmp_path_factory.mktemp("dead")
    with running_gateway(folder, "http://127.0.0.1:9") as running:
        answer = running.admin.call("GET", path)
    assert (503, ["5"]) == (answer.status, answer.all("retry-after"))
