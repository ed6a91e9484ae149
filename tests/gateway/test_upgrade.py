import pytest

from gateway.wire import exchange, head, status

READ = "/api/3.0/mlflow/mcp-servers"
UPGRADE = (("Connection", "Upgrade"), ("Upgrade", "h2c"))


def request(caller, method: str, path: str, *fields: tuple[str, object]) -> bytes:
    login = ("Authorization", caller.authorization)
    return head(method, path, ("Host", "h"), login, *UPGRADE, *fields)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "framing", [("Content-Length", 200), ("Transfer-Encoding", "chunked")], ids=["length", "chunks"]
)
@pytest.mark.parametrize("path", [READ, "/api/2.0/mlflow-artifacts/artifacts/1/a", "/v1/traces"])
def test_a_body_behind_an_upgrade_is_refused(gateway, recorder, method, framing, path):
    """The parser would lose the body; its announced length would swallow the next request."""
    answer = exchange(gateway.address, request(gateway.admin, method, path, framing))
    assert 501 == status(answer)
    assert [] == recorder.seen


def test_an_upgrade_without_a_body_is_ignored(gateway, recorder):
    """A server may answer as if nothing had been said of another protocol."""
    answer = exchange(gateway.address, request(gateway.admin, "GET", READ))
    assert 200 == status(answer)
    assert [] == recorder.one().all(b"upgrade")
    assert b"connection: close" in answer.lower()


def test_no_length_goes_on_without_its_body(gateway, recorder):
    """What is announced to MLflow is what was counted here."""
    fields = [("Connection", "close"), ("Content-Length", "0")]
    login = ("Authorization", gateway.admin.authorization)
    answer = exchange(gateway.address, head("GET", READ, ("Host", "h"), login, *fields))
    assert 200 == status(answer)
    assert recorder.one().all(b"content-length") in ([], [b"0"])
    assert b"" == recorder.one().body


def test_a_flood_of_pipelined_requests_ends_the_connection(gateway, recorder):
    """One connection cannot make the gateway keep thousands of requests in memory."""
    flood = head("GET", "/health", ("Host", "h")) * 2000
    answer = exchange(gateway.address, flood)
    assert answer.count(b"HTTP/1.1 ") < 200
    assert 200 == gateway.anonymous.call("GET", "/health").status
    assert [] == recorder.seen
