import pytest

from gateway.bare import answering
from gateway.running import ADMIN
from gateway.wire import exchange, head

ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"

SEARCH = "/api/2.0/mlflow/webhooks"


def login(caller) -> tuple[str, str]:
    return ("Authorization", caller.authorization)


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
    gateway.admin.call("PUT", ARTIFACT, b"x", headers=headers)
    seen = dict(recorder.one().headers)
    for name, value in headers.items():
        assert value.encode() == seen[name.lower().encode()]


def test_repeated_request_headers_pass(gateway, recorder):
    """Several lines of one header stay several."""
    gateway.admin.call("GET", SEARCH, headers=[("Accept", "a/b"), ("Accept", "c/d")])
    assert [b"a/b", b"c/d"] == recorder.one().all(b"accept")


@pytest.mark.parametrize("agent", ["café", "a\tb", "x" * 8000, "caf\u00c3\u00a9"])
def test_header_values_pass(gateway, recorder, agent):
    """Text beyond ASCII arrives as UTF-8, whichever way it was sent."""
    gateway.admin.call("GET", SEARCH, headers={"User-Agent": agent})
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
    "X-MLflow-Authorization",
    "X-MLflow-Gateway-Caller",
    "X-MLflow-Guardrail-Bypass",
    "X-MLflow-Workspace",
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
        "Authorization": gateway.admin.authorization,
        "email": ADMIN,
        "Origin": gateway.address.url,
    }
    answer = gateway.admin.call("GET", SEARCH, headers={name: values.get(name, "admin")})
    assert 200 == answer.status
    assert [] == recorder.one().all(name.lower().encode())


def test_only_known_headers_arrive(gateway, recorder):
    """Nothing but what is listed, and what the connection needs, gets to MLflow."""
    headers = {f"X-Made-Up-{number}": "1" for number in range(50)}
    gateway.admin.call("GET", SEARCH, headers=headers)
    assert {b"accept", b"host", b"user-agent"} == {name for name, _ in recorder.one().headers}


def test_the_host_is_mlflow_s(gateway, recorder, upstream_address):
    """MLflow checks `Host` against attacks on name resolution: it gets its own."""
    for host in ("evil.example.org", "127.0.0.1:1"):
        recorder.reset()
        request = head("GET", SEARCH, ("Host", host), login(gateway.admin), ("Connection", "close"))
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
    gateway.admin.call("GET", SEARCH, headers={name: HOP_BY_HOP[name]})
    assert [] == recorder.one().all(name.lower().encode())


@pytest.mark.parametrize("connection", ["Range", "close, range , x-mlflow-a", "X-MLflow-A,RANGE"])
def test_request_headers_named_by_connection_stay_here(gateway, recorder, connection):
    """What `Connection` names belongs to the connection, too."""
    headers = {"Connection": connection, "Range": "bytes=0-1", "Accept": "a/b"}
    gateway.admin.call("GET", SEARCH, headers=headers)
    assert [] == recorder.one().all(b"range")
    assert [b"a/b"] == recorder.one().all(b"accept")


@pytest.mark.parametrize("name", [*HOP_BY_HOP, "Proxy-Authenticate"])
def test_answer_headers_of_one_connection_stay_here(strict, bare, name):
    """They speak of MLflow's connection."""
    line = f"{name}: x-one\r\n".encode()
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + line + b"\r\n{}")
    assert [] == strict.admin.call("GET", SEARCH).all(name)


def test_answer_headers_named_by_connection_stay_here(strict, bare):
    """What MLflow's `Connection` names belongs to its connection, too."""
    fields = b"Connection: close, X-One\r\nX-One: 1\r\nX-Two: 2\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + b"\r\n")
    answer = strict.admin.call("GET", SEARCH)
    assert ([], ["2"]) == (answer.all("x-one"), answer.all("x-two"))


def test_the_gateway_is_the_origin_of_its_answers(gateway, recorder):
    """MLflow's cookies, challenges, CORS grants, date and name stay here."""
    dropped = ["set-cookie", "www-authenticate", "server", "access-control-allow-origin"]
    recorder.answer_with(200, b"{}", [(name.encode(), b"mlflow") for name in dropped])
    answer = gateway.admin.call("GET", SEARCH)
    assert {name: [] for name in dropped} == {name: answer.all(name) for name in dropped}
    assert 1 == len(answer.all("date"))


def test_repeated_answer_headers_pass(gateway, recorder):
    """Several lines of one header stay several, in their order."""
    fields = [(b"vary", b"accept"), (b"x-a", b"1"), (b"vary", b"origin"), (b"x-a", b"1")]
    recorder.answer_with(200, b"{}", fields)
    answer = gateway.admin.call("GET", SEARCH)
    assert (["accept", "origin"], ["1", "1"]) == (answer.all("vary"), answer.all("x-a"))


@pytest.mark.parametrize("value", [b"caf\xe9", b"caf\xc3\xa9", b"\xff"])
def test_an_answer_with_a_header_beyond_ascii_passes(strict, bare, value):
    """Such a header cannot be read here; it alone is left out."""
    fields = b"X-Name: " + value + b"\r\nX-Two: 2\r\nX-Two: 3\r\nContent-Length: 2\r\n"
    bare.converse = answering(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n{}")
    answer = strict.admin.call("GET", SEARCH)
    assert (200, b"{}", ["2", "3"]) == (answer.status, answer.body, answer.all("x-two"))


def test_no_coding_is_asked_for_on_the_caller_s_behalf(gateway, recorder):
    """A caller that cannot undo a coding must not get one."""
    gateway.admin.call("GET", ARTIFACT)
    assert [] == recorder.one().all(b"accept-encoding")
