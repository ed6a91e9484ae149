import gzip
import json

import pytest

from gateway.bare import answering

ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"

SEARCH = "/api/2.0/mlflow/webhooks"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", SEARCH),
        ("HEAD", SEARCH),
        ("POST", SEARCH),
        ("PUT", ARTIFACT),
        ("PATCH", "/api/2.0/mlflow/registered-models/update"),
        ("DELETE", "/api/2.0/mlflow/registered-models/delete"),
    ],
)
def test_every_method_passes(gateway, recorder, method, path):
    """MLflow's calls use all six methods."""
    body = None if method in {"GET", "HEAD"} else b'{"name":"a"}'
    assert 200 == gateway.admin.call(method, path, body).status
    seen = recorder.one()
    assert (method, path.encode(), body or b"") == (seen.method, seen.target, seen.body)


QUERIES = [
    "a=1&a=2&a=1&b=3",
    "a=&b&&=c",
    "filter=name%20%3D%20%27x%27%20AND%20tags.%22a%22%20%3E%203",
    "a=b+c%2Bd&e=%26%3D%3F%23",
    "a=%c3%a9%C3%A9",
    "a=!$&()*+,;=:@/?-._~",
    "a=%00%0a%ff",
    "?a=?&b=//../..",
    "order_by=metrics.%60val%20loss%60%20DESC&order_by=b",
]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_pass_byte_for_byte(gateway, recorder, query):
    """Repeated keys, empty values and escapes arrive as they were sent."""
    assert 200 == gateway.admin.call("GET", f"{SEARCH}?{query}").status
    assert f"{SEARCH}?{query}".encode() == recorder.one().target


def test_characters_that_no_url_should_hold_arrive_escaped(gateway, recorder):
    """What browsers send raw in a query is escaped, so that nobody reads it differently."""
    gateway.admin.call("GET", SEARCH + "?a='b'|^`{}\"<>[]\\")
    expected = "?a=%27b%27%7C%5E%60%7B%7D%22%3C%3E%5B%5D%5C"
    assert (SEARCH + expected).encode() == recorder.one().target


def test_a_question_mark_without_a_query_is_left_out(gateway, recorder):
    """An empty query is no query."""
    gateway.admin.call("GET", SEARCH + "?")
    assert SEARCH.encode() == recorder.one().target


@pytest.mark.parametrize(
    "status", [200, 201, 202, 206, 300, 400, 401, 403, 404, 409, 418, 500, 503]
)
def test_statuses_and_bodies_pass_as_they_are(gateway, recorder, status):
    """An error of MLflow's is MLflow's to word, also one that the gateway could word itself."""
    body = json.dumps({"error_code": "X", "message": "é", "extra": [1]}).encode()
    recorder.answer_with(status, body, [(b"content-type", b"application/json; charset=x")])
    answer = gateway.admin.call("POST", SEARCH, b"{}")
    assert (status, body) == (answer.status, answer.body)
    assert "application/json; charset=x" == answer.one("content-type")


def test_an_error_of_mlflow_s_without_a_body_passes(gateway, recorder):
    """Nothing is added to it."""
    recorder.answer_with(500)
    answer = gateway.admin.call("GET", SEARCH)
    assert (500, b"", "0") == (answer.status, answer.body, answer.one("content-length"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(gateway, recorder, status):
    """A redirect is the caller's to follow, presigned addresses among them."""
    recorder.answer_with(status, b"", [(b"location", b"https://bucket.example.org/x?sig=%2f")])
    answer = gateway.admin.call("GET", ARTIFACT)
    assert status == answer.status
    assert "https://bucket.example.org/x?sig=%2f" == answer.one("location")
    assert 1 == len(recorder.seen)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_compressed_answers_pass_untouched(gateway, recorder, encoding):
    """The caller has asked for the coding and undoes it."""
    content = gzip.compress(b"x" * 10_000)
    recorder.answer_with(200, content, [(b"content-encoding", encoding)])
    answer = gateway.admin.call("GET", ARTIFACT, headers={"Accept-Encoding": encoding.decode()})
    assert (content, encoding.decode()) == (answer.body, answer.one("content-encoding"))
    assert str(len(content)) == answer.one("content-length")
    assert [encoding] == recorder.one().all(b"accept-encoding")


def test_a_compressed_upload_passes_untouched(gateway, recorder):
    """An artifact is what its sender says it is."""
    content = gzip.compress(b"x" * 10_000)
    gateway.admin.call("PUT", ARTIFACT, content, headers={"Content-Encoding": "gzip"})
    seen = recorder.one()
    assert (content, [b"gzip"]) == (seen.body, seen.all(b"content-encoding"))


def test_part_of_an_artifact_passes(gateway, recorder):
    """A download is taken up again where it broke."""
    fields = [(b"content-range", b"bytes 2-5/10"), (b"accept-ranges", b"bytes")]
    recorder.answer_with(206, b"cdef", fields)
    answer = gateway.admin.call("GET", ARTIFACT, headers={"Range": "bytes=2-5"})
    assert (206, b"cdef", "bytes 2-5/10") == (
        answer.status,
        answer.body,
        answer.one("content-range"),
    )
    assert [b"bytes=2-5"] == recorder.one().all(b"range")


def test_a_body_with_a_length_keeps_its_length(gateway, recorder):
    """MLflow learns the length of an upload before its content."""
    gateway.admin.call("PUT", ARTIFACT, b"x" * 100_000)
    seen = recorder.one()
    assert (100_000, [b"100000"]) == (len(seen.body), seen.all(b"content-length"))
    assert [] == seen.all(b"transfer-encoding")


def test_a_body_in_chunks_stays_in_chunks(gateway, recorder):
    """Where the length is not known before the end, it is not made up."""
    gateway.admin.call("PUT", ARTIFACT, iter([b"a" * 10, b"b" * 70_000, b"c"]))
    seen = recorder.one()
    assert b"a" * 10 + b"b" * 70_000 + b"c" == seen.body
    assert ([], [b"chunked"]) == (seen.all(b"content-length"), seen.all(b"transfer-encoding"))


def test_an_empty_body_in_chunks_is_a_body(gateway, recorder):
    """An empty artifact is an artifact."""
    assert 200 == gateway.admin.call("PUT", ARTIFACT, iter([])).status
    assert (b"", True) == (recorder.one().body, recorder.one().whole)


@pytest.mark.parametrize(("method", "path"), [("PUT", ARTIFACT), ("POST", SEARCH)])
def test_a_body_of_no_length_keeps_its_length(gateway, recorder, method, path):
    """`Content-Length: 0` says that there is a body, and that it is empty."""
    assert 200 == gateway.admin.call(method, path, b"").status
    assert [b"0"] == recorder.one().all(b"content-length")


def test_an_answer_in_chunks_arrives_in_chunks(strict, bare):
    """A length that MLflow does not say is not made up."""
    chunks = b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    answer = strict.admin.call("GET", ARTIFACT)
    assert (b"abcdefg", ["chunked"], []) == (
        answer.body,
        answer.all("transfer-encoding"),
        answer.all("content-length"),
    )


def test_an_answer_that_ends_with_its_connection_arrives(strict, bare):
    """HTTP/1.0 servers end a body by closing the connection."""
    bare.converse = answering(b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nabc")
    assert b"abc" == strict.admin.call("GET", ARTIFACT).body
