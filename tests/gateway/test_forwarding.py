import gzip
import json

import pytest

from gateway.bare import answering
from gateway.wire import connected, exchange, head, read_all, read_until

ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"
SEARCH = "/api/2.0/mlflow/experiments/search"


def login(caller) -> tuple[str, str]:
    return ("Authorization", caller.authorization)


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
    assert 200 == gateway.user.call(method, path, body).status
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
    assert 200 == gateway.user.call("GET", f"{SEARCH}?{query}").status
    assert f"{SEARCH}?{query}".encode() == recorder.one().target


def test_characters_that_no_url_should_hold_arrive_escaped(gateway, recorder):
    """What browsers send raw in a query is escaped, so that nobody reads it differently."""
    gateway.user.call("GET", SEARCH + "?a='b'|^`{}\"<>[]\\")
    expected = "?a=%27b%27%7C%5E%60%7B%7D%22%3C%3E%5B%5D%5C"
    assert (SEARCH + expected).encode() == recorder.one().target


def test_a_question_mark_without_a_query_is_left_out(gateway, recorder):
    """An empty query is no query."""
    gateway.user.call("GET", SEARCH + "?")
    assert SEARCH.encode() == recorder.one().target


def test_headers_that_mlflow_needs_pass(gateway, recorder):
    """Content, conditions, ranges, traces and MLflow's own headers arrive."""
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, br",
        "Accept-Language": "de",
        "Cache-Control": "no-cache",
        "Content-Type": "text/x-python; charset=utf-8",
        "Content-Disposition": "attachment; filename=a.py",
        "If-Match": '"a"',
        "If-Modified-Since": "Sat, 21 Nov 2026 00:00:00 GMT",
        "If-None-Match": 'W/"b"',
        "If-Range": '"c"',
        "If-Unmodified-Since": "Sat, 21 Nov 2026 00:00:00 GMT",
        "Range": "bytes=0-1",
        "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Tracestate": "a=b",
        "User-Agent": "mlflow-python-client/3.17.2",
        "X-MLflow-Experiment-Id": "12",
    }
    gateway.user.call("PUT", ARTIFACT, b"x", headers=headers)
    seen = dict(recorder.one().headers)
    for name, value in headers.items():
        assert value.encode() == seen[name.lower().encode()]


def test_repeated_request_headers_pass(gateway, recorder):
    """Several lines of one header stay several."""
    gateway.user.call("GET", SEARCH, headers=[("Accept", "a/b"), ("Accept", "c/d")])
    assert [b"a/b", b"c/d"] == recorder.one().all(b"accept")


@pytest.mark.parametrize("agent", ["café", "a\tb", "x" * 8000, "caf\u00c3\u00a9"])
def test_header_values_pass(gateway, recorder, agent):
    """Text beyond ASCII arrives as UTF-8, whichever way it was sent."""
    gateway.user.call("GET", SEARCH, headers={"User-Agent": agent})
    expected = agent.encode("latin-1")
    if agent == "café":
        expected = agent.encode()
    assert [expected] == recorder.one().all(b"user-agent")


FOREIGN = [
    "Authorization",
    "Cookie",
    "email",
    "Forwarded",
    "Origin",
    "Proxy-Authorization",
    "Referer",
    "Remote-User",
    "Sec-Fetch-Site",
    "X-Api-Key",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Forwarded-User",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "X-Real-IP",
    "X-Rewrite-URL",
    "X-Workspace",
]


@pytest.mark.parametrize("name", FOREIGN)
def test_identities_and_unknown_headers_stay_here(gateway, recorder, name):
    """What some part behind the gateway could take for an identity or a detour is dropped."""
    values = {
        "Authorization": gateway.user.authorization,
        "email": "ann@example.org",
        "Origin": gateway.address.url,
    }
    answer = gateway.user.call("GET", SEARCH, headers={name: values.get(name, "admin")})
    assert 200 == answer.status
    assert [] == recorder.one().all(name.lower().encode())


def test_only_known_headers_arrive(gateway, recorder):
    """Nothing but what is listed, and what the connection needs, gets to MLflow."""
    headers = {f"X-Made-Up-{number}": "1" for number in range(50)}
    gateway.user.call("GET", SEARCH, headers=headers)
    assert {b"accept", b"host", b"user-agent"} == {name for name, _ in recorder.one().headers}


def test_the_host_is_mlflow_s(gateway, recorder, upstream_address):
    """MLflow checks `Host` against attacks on name resolution: it gets its own."""
    for host in ("evil.example.org", "127.0.0.1:1", ""):
        recorder.reset()
        request = head("GET", SEARCH, ("Host", host), login(gateway.user), ("Connection", "close"))
        assert exchange(gateway.address, request).startswith(b"HTTP/1.1 200 ")
        assert [upstream_address.authority.encode()] == recorder.one().all(b"host")


HOP_BY_HOP = {
    "Connection": "keep-alive",
    "Keep-Alive": "timeout=5",
    "Proxy-Connection": "keep-alive",
    "TE": "trailers",
    "Trailer": "X-Sum",
    "Upgrade": "h2c",
}


@pytest.mark.parametrize("name", HOP_BY_HOP)
def test_request_headers_of_one_connection_stay_here(gateway, recorder, name):
    """They speak of the caller's connection (RFC 9110, 7.6.1)."""
    gateway.user.call("GET", SEARCH, headers={name: HOP_BY_HOP[name]})
    assert [] == recorder.one().all(name.lower().encode())


@pytest.mark.parametrize("connection", ["Range", "close, range , x-mlflow-a", "X-MLflow-A,RANGE"])
def test_request_headers_named_by_connection_stay_here(gateway, recorder, connection):
    """What `Connection` names belongs to the connection, too."""
    headers = {"Connection": connection, "Range": "bytes=0-1", "Accept": "a/b"}
    gateway.user.call("GET", SEARCH, headers=headers)
    assert [] == recorder.one().all(b"range")
    assert [b"a/b"] == recorder.one().all(b"accept")


@pytest.mark.parametrize("name", [*HOP_BY_HOP, "Proxy-Authenticate"])
def test_answer_headers_of_one_connection_stay_here(strict, bare, name):
    """They speak of MLflow's connection."""
    line = f"{name}: x-one\r\n".encode()
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + line + b"\r\n{}")
    assert [] == strict.user.call("GET", SEARCH).all(name)


def test_answer_headers_named_by_connection_stay_here(strict, bare):
    """What MLflow's `Connection` names belongs to its connection, too."""
    fields = b"Connection: close, X-One\r\nX-One: 1\r\nX-Two: 2\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + b"\r\n")
    answer = strict.user.call("GET", SEARCH)
    assert ([], ["2"]) == (answer.all("x-one"), answer.all("x-two"))


def test_the_gateway_is_the_origin_of_its_answers(gateway, recorder):
    """MLflow's cookies, challenges, CORS grants, date and name stay here."""
    dropped = ["set-cookie", "www-authenticate", "server", "access-control-allow-origin"]
    recorder.answer_with(200, b"{}", [(name.encode(), b"mlflow") for name in dropped])
    answer = gateway.user.call("GET", SEARCH)
    assert {name: [] for name in dropped} == {name: answer.all(name) for name in dropped}
    assert 1 == len(answer.all("date"))


def test_repeated_answer_headers_pass(gateway, recorder):
    """Several lines of one header stay several, in their order."""
    fields = [(b"vary", b"accept"), (b"x-a", b"1"), (b"vary", b"origin"), (b"x-a", b"1")]
    recorder.answer_with(200, b"{}", fields)
    answer = gateway.user.call("GET", SEARCH)
    assert (["accept", "origin"], ["1", "1"]) == (answer.all("vary"), answer.all("x-a"))


@pytest.mark.parametrize("value", [b"caf\xe9", b"caf\xc3\xa9", b"\xff"])
def test_an_answer_with_a_header_beyond_ascii_passes(strict, bare, value):
    """Such a header cannot be read here; it alone is left out."""
    fields = b"X-Name: " + value + b"\r\nX-Two: 2\r\nX-Two: 3\r\nContent-Length: 2\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n{}")
    answer = strict.user.call("GET", SEARCH)
    assert (200, b"{}", ["2", "3"]) == (answer.status, answer.body, answer.all("x-two"))


@pytest.mark.parametrize(
    "status", [200, 201, 202, 206, 300, 400, 401, 403, 404, 409, 418, 500, 503]
)
def test_statuses_and_bodies_pass_as_they_are(gateway, recorder, status):
    """An error of MLflow's is MLflow's to word, also one that the gateway could word itself."""
    body = json.dumps({"error_code": "X", "message": "é", "extra": [1]}).encode()
    recorder.answer_with(status, body, [(b"content-type", b"application/json; charset=x")])
    answer = gateway.user.call("POST", SEARCH, b"{}")
    assert (status, body) == (answer.status, answer.body)
    assert "application/json; charset=x" == answer.one("content-type")


def test_an_error_of_mlflow_s_without_a_body_passes(gateway, recorder):
    """Nothing is added to it."""
    recorder.answer_with(500)
    answer = gateway.user.call("GET", SEARCH)
    assert (500, b"", "0") == (answer.status, answer.body, answer.one("content-length"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(gateway, recorder, status):
    """A redirect is the caller's to follow, presigned addresses among them."""
    recorder.answer_with(status, b"", [(b"location", b"https://bucket.example.org/x?sig=%2f")])
    answer = gateway.user.call("GET", ARTIFACT)
    assert status == answer.status
    assert "https://bucket.example.org/x?sig=%2f" == answer.one("location")
    assert 1 == len(recorder.seen)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_compressed_answers_pass_untouched(gateway, recorder, encoding):
    """The caller has asked for the coding and undoes it."""
    content = gzip.compress(b"x" * 10_000)
    recorder.answer_with(200, content, [(b"content-encoding", encoding)])
    answer = gateway.user.call("GET", ARTIFACT, headers={"Accept-Encoding": encoding.decode()})
    assert (content, encoding.decode()) == (answer.body, answer.one("content-encoding"))
    assert str(len(content)) == answer.one("content-length")
    assert [encoding] == recorder.one().all(b"accept-encoding")


def test_no_coding_is_asked_for_on_the_caller_s_behalf(gateway, recorder):
    """A caller that cannot undo a coding must not get one."""
    gateway.user.call("GET", ARTIFACT)
    assert [] == recorder.one().all(b"accept-encoding")


def test_a_compressed_upload_passes_untouched(gateway, recorder):
    """An artifact is what its sender says it is."""
    content = gzip.compress(b"x" * 10_000)
    gateway.user.call("PUT", ARTIFACT, content, headers={"Content-Encoding": "gzip"})
    seen = recorder.one()
    assert (content, [b"gzip"]) == (seen.body, seen.all(b"content-encoding"))


def test_part_of_an_artifact_passes(gateway, recorder):
    """A download is taken up again where it broke."""
    fields = [(b"content-range", b"bytes 2-5/10"), (b"accept-ranges", b"bytes")]
    recorder.answer_with(206, b"cdef", fields)
    answer = gateway.user.call("GET", ARTIFACT, headers={"Range": "bytes=2-5"})
    assert (206, b"cdef", "bytes 2-5/10") == (
        answer.status,
        answer.body,
        answer.one("content-range"),
    )
    assert [b"bytes=2-5"] == recorder.one().all(b"range")


def test_a_body_with_a_length_keeps_its_length(gateway, recorder):
    """MLflow learns the length of an upload before its content."""
    gateway.user.call("PUT", ARTIFACT, b"x" * 100_000)
    seen = recorder.one()
    assert (100_000, [b"100000"]) == (len(seen.body), seen.all(b"content-length"))
    assert [] == seen.all(b"transfer-encoding")


def test_a_body_in_chunks_stays_in_chunks(gateway, recorder):
    """Where the length is not known before the end, it is not made up."""
    gateway.user.call("PUT", ARTIFACT, iter([b"a" * 10, b"b" * 70_000, b"c"]))
    seen = recorder.one()
    assert b"a" * 10 + b"b" * 70_000 + b"c" == seen.body
    assert ([], [b"chunked"]) == (seen.all(b"content-length"), seen.all(b"transfer-encoding"))


def test_an_empty_body_in_chunks_is_a_body(gateway, recorder):
    """An empty artifact is an artifact."""
    assert 200 == gateway.user.call("PUT", ARTIFACT, iter([])).status
    assert (b"", True) == (recorder.one().body, recorder.one().whole)


@pytest.mark.parametrize(("method", "path"), [("PUT", ARTIFACT), ("POST", SEARCH)])
def test_a_body_of_no_length_keeps_its_length(gateway, recorder, method, path):
    """`Content-Length: 0` says that there is a body, and that it is empty."""
    assert 200 == gateway.user.call(method, path, b"").status
    assert [b"0"] == recorder.one().all(b"content-length")


def test_an_answer_in_chunks_arrives_in_chunks(strict, bare):
    """A length that MLflow does not say is not made up."""
    chunks = b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    answer = strict.user.call("GET", ARTIFACT)
    assert (b"abcdefg", ["chunked"], []) == (
        answer.body,
        answer.all("transfer-encoding"),
        answer.all("content-length"),
    )


def test_an_answer_that_ends_with_its_connection_arrives(strict, bare):
    """HTTP/1.0 servers end a body by closing the connection."""
    bare.converse = answering(b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nabc")
    assert b"abc" == strict.user.call("GET", ARTIFACT).body


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_pass(strict, bare, status):
    """They end with their head, and the connection goes on."""
    bare.converse = answering(f'HTTP/1.1 {status} X\r\nETag: "a"\r\n\r\n'.encode())
    with strict.user.kept_open() as connection:
        for _ in range(2):
            answer = strict.user.send(connection, "GET", ARTIFACT)
            assert (status, b"", '"a"') == (answer.status, answer.body, answer.one("etag"))


def test_an_answer_that_nothing_has_changed_may_name_the_length(strict, bare):
    """304 tells the length that 200 would have, and has no body (RFC 9110, 8.6)."""
    bare.converse = answering(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n")
    with strict.user.kept_open() as connection:
        for _ in range(2):
            answer = strict.user.send(connection, "GET", ARTIFACT)
            assert (304, b"") == (answer.status, answer.body)


def test_the_answer_to_head_keeps_its_length(strict, bare):
    """HEAD tells the length of what GET would bring, without it."""
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
    with strict.user.kept_open() as connection:
        for _ in range(2):
            answer = strict.user.send(connection, "HEAD", ARTIFACT)
            assert (200, b"", "1234") == (
                answer.status,
                answer.body,
                answer.one("content-length"),
            )


def test_a_connection_is_kept(gateway, recorder):
    """Many requests, also refused ones, take one connection."""
    with gateway.user.kept_open() as connection:
        gateway.user.send(connection, "GET", SEARCH)
        first = connection.sock
        for _ in range(3):
            assert 200 == gateway.user.send(connection, "POST", SEARCH, b"{}").status
            assert 400 == gateway.user.send(connection, "POST", SEARCH, b"[]").status
            assert 404 == gateway.user.send(connection, "GET", "/no/such/path").status
        assert first is connection.sock
    assert 4 == len(recorder.seen)


def test_requests_sent_at_once_are_answered_in_turn(gateway, recorder):
    """A caller may send the next request before the answer to the last (RFC 9112, 9.3.2)."""
    who = login(gateway.user)
    requests = [head("GET", f"{SEARCH}?n={number}", ("Host", "h"), who) for number in range(9)]
    requests.append(head("GET", "/no/such", ("Host", "h"), who, ("Connection", "close")))
    answers = exchange(gateway.address, b"".join(requests)).split(b"HTTP/1.1 ")[1:]
    assert [b"200"] * 9 + [b"404"] == [answer[:3] for answer in answers]
    expected = [f"{SEARCH}?n={number}".encode() for number in range(9)]
    assert expected == [seen.target for seen in recorder.seen]


def test_a_caller_may_wait_for_the_permission_to_send(gateway, recorder):
    """`Expect: 100-continue` is answered by the gateway once the request may pass."""
    fields = (("Host", "h"), login(gateway.user), ("Expect", "100-continue"))
    request = head("PUT", ARTIFACT, *fields, ("Content-Length", 3), ("Connection", "close"))
    with connected(gateway.address) as connection:
        connection.sendall(request)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    assert (b"abc", []) == (recorder.one().body, recorder.one().all(b"expect"))


def test_a_refused_caller_gets_no_permission_to_send(gateway, recorder):
    """Whoever may not upload is told so before the upload."""
    fields = (("Host", "h"), ("Expect", "100-continue"), ("Content-Length", 3))
    with connected(gateway.address) as connection:
        connection.sendall(head("PUT", ARTIFACT, *fields))
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 401 ")
    assert [] == recorder.seen


def test_a_request_to_change_the_protocol_is_answered_as_it_is(gateway, recorder):
    """`Upgrade` is an offer; the gateway stays with HTTP/1.1, and so does the connection."""
    fields = (("Host", "h"), login(gateway.user))
    upgrade = (("Connection", "Upgrade"), ("Upgrade", "h2c"))
    with connected(gateway.address) as connection:
        connection.sendall(head("GET", SEARCH, *fields, *upgrade))
        assert read_until(connection, b"{}").startswith(b"HTTP/1.1 200 ")
        connection.sendall(head("GET", SEARCH, *fields, ("Connection", "close")))
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    assert 2 == len(recorder.seen)


def test_an_old_caller_is_answered_and_the_connection_ends(gateway):
    """HTTP/1.0 keeps no connection."""
    answer = exchange(gateway.address, head("GET", SEARCH, login(gateway.user), version="HTTP/1.0"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n{}")
