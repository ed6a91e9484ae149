import gzip
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from penstock.gateway.proxy.route import Body, Home
from penstock.gateway.proxy.routes import route_table

CREATE = "/api/2.0/mlflow/webhooks"

OTLP = "/gateway/openai/v1/chat/completions"


REFUSED = {
    "no JSON": b"{'a': 1}",
    "half a document": b'{"a": 1',
    "two documents": b'{"a": 1}{"a": 2}',
    "a comma too many": b'{"a": 1,}',
    "a comment": b'{"a": 1 /* b */}',
    "a list": b"[]",
    "text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "text that holds JSON": json.dumps(json.dumps({"experiment_id": "1"})).encode(),
    "a form": b"experiment_id=1",
    "a field twice": b'{"run_id": "1", "run_id": "2"}',
    "a field twice by escapes": b'{"run_id": "1", "run\\u005fid": "2"}',
    "a nested field twice": b'{"a": [{"b": {"run_id": "1", "run_id": "1"}}]}',
    "a free field twice": b'{"tags": {"a": 1, "a": 2}}',
    "two spellings": b'{"run_id": "1", "runId": "2"}',
    "two spellings of one value": b'{"runId": "1", "run_id": "1"}',
    "two nested spellings": b'{"a": {"experiment_id": "1", "experimentId": "2"}}',
    "two spellings in a list": b'{"metrics": [{"run_id": "1", "runId": "2"}]}',
    "two spellings in a list of tags": b'{"tags": [{"key_a": "1", "keyA": "2"}]}',
    "deep nesting": b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deeper nesting": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a number too long": b'{"a": ' + b"1" * 5_000 + b"}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "a raw control character": b'{"a": "\x01"}',
    "a zero byte": b'{"a": 1}\x00',
    "spaces alone": b"  \n",
    "compressed without saying so": gzip.compress(b"{}"),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_a_body_that_could_be_read_in_two_ways_is_refused(gateway, recorder, body):
    """400 with the reason, and nothing reaches MLflow."""
    answer = gateway.admin.call("POST", CREATE, body)
    document = json.loads(answer.body)
    assert (400, "BAD_REQUEST") == (answer.status, document["error_code"])
    assert document["message"].startswith("the body of the request ")
    assert [] == recorder.seen


PASSED = {
    "empty": {},
    "nested": {"a": {"b": [{"c": None}, True, 1, -1.5, "é\u2028\U0001f600"]}},
    "many digits": {"a": 123456789012345678901234567890, "b": 0.1, "c": 1e300},
    "lone surrogate": {"a": "\ud800"},
    "one spelling": {"run_id": "1", "experimentId": "2", "runid": "3", "RunID": "4"},
    "free maps": {
        name: {"a_b": 1, "aB": 2}
        for name in ("tags", "params", "metadata", "attributes", "inputs", "outputs")
    },
    "free maps by their other spelling": {"traceMetadata": {"a_b": 1, "aB": 2}},
    "names that differ": {"a_b": {"x_y": 1}, "c_d": {"xY": 2}},
    "odd names": {"": 1, " ": 2, "A": 3, "a": 4, "_": 5, "é": 6, "1": 7},
    "a hundred levels": json.loads('{"a":' * 90 + "1" + "}" * 90),
}


@pytest.mark.parametrize("document", PASSED.values(), ids=PASSED)
def test_what_is_sent_on_is_what_was_parsed(gateway, recorder, document):
    """MLflow gets the document that was checked, written anew."""
    body = json.dumps(document, indent=3).encode()
    assert 200 == gateway.admin.call("POST", CREATE, body).status
    seen = recorder.one()
    assert document == json.loads(seen.body)
    assert [str(len(seen.body)).encode()] == seen.all(b"content-length")


def test_numbers_that_json_does_not_know_pass(gateway, recorder):
    """MLflow's clients log metrics that are no number, as Python spells them."""
    body = b'{"a": [NaN, Infinity, -Infinity, 1e999]}'
    assert 200 == gateway.admin.call("POST", CREATE, body).status
    nan, *infinities = json.loads(recorder.one().body)["a"]
    assert math.isnan(nan)
    assert [math.inf, -math.inf, math.inf] == infinities


def test_what_stands_around_the_document_is_not_sent_on(gateway, recorder):
    """Spaces and escapes are the caller's own."""
    assert 200 == gateway.admin.call("POST", CREATE, b' \r\n\t{"\\u0061" : "\\u00e9" } \n').status
    assert b'{"a":"\\u00e9"}' == recorder.one().body


def test_every_json_row_checks_its_body(gateway, recorder):
    """No MLflow call with a JSON body takes one that could be read in two ways."""
    routes = [
        route
        for route in route_table().routes
        if route.body is Body.JSON and route.home is Home.MLFLOW
    ]
    assert len(routes) > 300
    statuses = {}
    with gateway.admin.kept_open() as connection:
        for route in routes:
            path = route.path.replace("{", "").replace(":path}", "").replace("}", "")
            body = b'{"run_id": "1", "runId": "2"}'
            answer = gateway.admin.send(connection, route.method, path, body)
            statuses[route.method, route.path] = answer.status
    assert {(route.method, route.path): 400 for route in routes} == statuses
    assert [] == recorder.seen


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip", "x"])
def test_a_compressed_json_body_is_refused(gateway, recorder, encoding):
    """What cannot be read cannot be checked."""
    body = gzip.compress(b"{}")
    answer = gateway.admin.call("POST", CREATE, body, headers={"Content-Encoding": encoding})
    assert 415 == answer.status
    assert [] == recorder.seen


def test_one_of_two_encodings_is_refused(gateway, recorder):
    """The second of two lines counts as much as the first."""
    headers = [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]
    assert 415 == gateway.admin.call("POST", CREATE, b"{}", headers=headers).status
    assert [] == recorder.seen


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_no_encoding_at_all_passes(gateway, recorder, encoding):
    """`identity` says that there is none."""
    answer = gateway.admin.call("POST", CREATE, b"{}", headers={"Content-Encoding": encoding})
    assert 200 == answer.status
    assert b"{}" == recorder.one().body


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None, "multipart/form-data"])
def test_the_kind_of_a_body_changes_nothing(gateway, recorder, kind):
    """MLflow reads these bodies as JSON, whatever they are called; so does the gateway."""
    headers = {"Content-Type": kind} if kind else {}
    assert 200 == gateway.admin.call("POST", CREATE, b"{}", headers=headers).status
    assert 400 == gateway.admin.call("POST", CREATE, b"a=b", headers=headers).status
    assert b"{}" == recorder.one().body


@pytest.mark.parametrize("kind", ["text/plain", None, "application/x-www-form-urlencoded"])
def test_the_kind_of_a_body_of_our_own_calls_changes_nothing(gateway, kind):
    """A `curl --data` without the header means JSON here, too."""
    headers = {"Content-Type": kind} if kind else {}
    body = json.dumps({"name": f"made as {kind}".replace("/", " ")}).encode()
    assert 200 == gateway.admin.call("POST", "/v1/group", body, headers=headers).status
    assert 400 == gateway.admin.call("POST", "/v1/group", b"name=b", headers=headers).status


def test_bodies_of_other_kinds_pass_as_they_are(gateway, recorder):
    """OpenTelemetry's traces are no JSON, and may be compressed."""
    body = gzip.compress(bytes(range(256)))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    assert 200 == gateway.admin.call("POST", OTLP, body, headers=headers).status
    seen = recorder.one()
    assert (body, [b"gzip"]) == (seen.body, seen.all(b"content-encoding"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_must_not_have_a_body(gateway, recorder, method):
    """MLflow would read from it what the query does not say, or, for HEAD, all."""
    for path in (CREATE, "/api/2.0/mlflow/runs/get?run_id=1", "/version"):
        answer = gateway.admin.call(method, path, b'{"run_id": "2"}')
        assert 400 == answer.status, path
    assert [] == recorder.seen


def test_what_a_call_is_about_goes_first(gateway, recorder):
    """MLflow fills its message in this order, and goes on with half of it when a field is wrong."""
    inner = '"trace_location": {"mlflow_experiment": {"experimentId": "1"}}'
    body = '{"tags": 5, "trace": {"trace_info": {"tags": [], ' + inner + '}}, "run_id": "2"}'
    assert 200 == gateway.admin.call("POST", CREATE, body.encode()).status
    document = json.loads(recorder.one().body)
    assert ["run_id", "tags", "trace"] == list(document)
    assert ["trace_location", "tags"] == list(document["trace"]["trace_info"])


def test_a_large_body_does_not_hold_up_other_callers(gateway, recorder):
    """While one caller's body is read, the others are answered."""
    body = b'{"a":[' + b'{"bC":1},' * 600_000 + b"{}]}"
    waits = []
    with ThreadPoolExecutor(1) as pool, gateway.anonymous.kept_open() as connection:
        begun = time.monotonic()
        sent = pool.submit(gateway.admin.call, "POST", CREATE, body)
        while not sent.done():
            asked = time.monotonic()
            assert 200 == gateway.anonymous.send(connection, "GET", "/health").status
            waits.append(time.monotonic() - asked)
        took = time.monotonic() - begun
    assert 200 == sent.result().status
    assert json.loads(body) == json.loads(recorder.one().body)
    assert max(waits) < took / 2
