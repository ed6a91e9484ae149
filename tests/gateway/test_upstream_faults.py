import json
import socket
import threading
from contextlib import contextmanager

import pytest

from gateway.bare import EMPTY, Bare, answering, bare_server
from gateway.running import running_gateway
from gateway.wire import connected, head, read_all
from penstock.gateway.proxy import server_info
from servers import free_port, wait_until

SEARCH = "/api/2.0/mlflow/webhooks"
ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/1/a"
SERVER_INFO = "/api/3.0/mlflow/server-info"
SECONDS = 20


def test_a_dead_upstream_is_told_at_once(tmp_path):
    """503 in MLflow's shape, with the time after which to try again."""
    with running_gateway(tmp_path, f"http://127.0.0.1:{free_port()}") as running:
        for method, path in (("GET", SEARCH), ("POST", SEARCH), ("PUT", ARTIFACT)):
            body = b"{}" if method != "GET" else None
            answer = running.admin.call(method, path, body)
            document = json.loads(answer.body)
            assert (503, "5") == (answer.status, answer.one("retry-after"))
            assert "TEMPORARILY_UNAVAILABLE" == document["error_code"]
            assert "MLflow" in document["message"]
            assert "127.0.0.1" not in document["message"]
        assert 200 == running.anonymous.call("GET", "/health").status
        assert 200 == running.admin.call("GET", "/v1/me").status


def test_an_upstream_may_come_and_go(tmp_path):
    """What was refused while MLflow was away passes when it is there, without a restart."""
    bare, port = Bare(), free_port()
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    with running_gateway(tmp_path, f"http://127.0.0.1:{port}") as running:
        for _ in range(2):
            assert 503 == running.admin.call("GET", SEARCH).status
            with bare_server(bare, port):
                assert 200 == running.admin.call("GET", SEARCH).status
        assert 503 == running.admin.call("GET", SEARCH).status


def test_an_unknown_host_is_told(tmp_path):
    """A name that does not resolve is an upstream that cannot be reached."""
    with running_gateway(tmp_path, "http://no-such-host.invalid:1") as running:
        assert 503 == running.admin.call("GET", SEARCH).status


def test_a_slow_upstream_is_given_up_after_its_limit(strict, bare):
    """504 in MLflow's shape."""
    over = threading.Event()
    bare.converse = lambda _head, _connection: over.wait(SECONDS)
    answer = strict.admin.call("GET", SEARCH)
    over.set()
    assert (504, "DEADLINE_EXCEEDED") == (answer.status, json.loads(answer.body)["error_code"])
    assert "5" == answer.one("retry-after")


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", b"abc")])
def test_an_artifact_may_take_as_long_as_it_takes(strict, bare, method, body):
    """What an ordinary call's limit would end goes on."""
    slow = threading.Event()

    def converse(_head: bytes, connection: socket.socket) -> None:
        assert not slow.wait(1.3)  # longer than the ordinary limit
        connection.sendall(EMPTY)

    bare.converse = converse
    assert 200 == strict.admin.call(method, ARTIFACT, body).status


def test_a_call_that_runs_a_model_has_its_own_limit(strict, bare):
    """Longer than the ordinary one, and not without an end."""
    over = threading.Event()

    def converse(begun: bytes, connection: socket.socket) -> None:
        assert not over.wait(1.3 if b"/embeddings" in begun else SECONDS)
        connection.sendall(EMPTY)

    bare.converse = converse
    assert 200 == strict.admin.call("POST", "/gateway/openai/v1/embeddings", b"{}").status
    bare.converse = lambda _head, _connection: over.wait(SECONDS)
    assert 504 == strict.admin.call("POST", "/gateway/openai/v1/responses", b"{}").status
    over.set()


BEFORE = {
    "nothing": b"",
    "half a status": b"HTTP/1.1 20",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00",
    "text": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "an old answer": b"<html>hello</html>",
    "no status": b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
    "a status beyond": b"HTTP/1.1 600 What\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "a broken header": b"HTTP/1.1 200 OK\r\nA\x00: b\r\nContent-Length: 0\r\n\r\n",
    "a head without an end": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200_000,
}


@pytest.mark.parametrize("said", BEFORE.values(), ids=BEFORE)
def test_an_upstream_that_breaks_off_before_its_answer_is_told(strict, bare, said):
    """503, and the next call is answered."""
    bare.converse = lambda _head, connection: connection.sendall(said)
    answer = strict.admin.call("GET", SEARCH)
    assert (503, "TEMPORARILY_UNAVAILABLE") == (
        answer.status,
        json.loads(answer.body)["error_code"],
    )
    bare.converse = answering(EMPTY)
    assert 200 == strict.admin.call("GET", SEARCH).status


BROKEN = {
    "a length": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_off_arrives_broken_off(strict, bare, said):
    """The caller must see that something is missing."""
    bare.converse = lambda _head, connection: connection.sendall(said)
    request = head("GET", ARTIFACT, ("Host", "h"), ("Authorization", strict.admin.authorization))
    with connected(strict.address) as connection:
        connection.sendall(request)
        answer = read_all(connection)
    begun, _, body = answer.partition(b"\r\n\r\n")
    assert begun.startswith(b"HTTP/1.1 200 ")
    assert b"abc" in body
    assert not body.endswith(b"0\r\n\r\n")
    if b"Length" in said:
        assert b"content-length: 100" in begun.lower()


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
def test_a_short_answer_that_breaks_off_is_told_before_it_begins(strict, bare, said):
    """What is read ahead and found broken is a 503."""
    bare.converse = lambda _head, connection: connection.sendall(said)
    assert 503 == strict.admin.call("GET", SEARCH).status


def test_an_answer_that_is_longer_than_it_says_ends_where_it_says(strict, bare):
    """What comes behind it belongs to nobody."""
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" + BROKEN["a length"]
    bare.converse = lambda _head, connection: connection.sendall(said)
    assert b"ab" == strict.admin.call("GET", ARTIFACT).body
    assert b"ab" == strict.admin.call("GET", SEARCH).body


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        ("GET", None, (200, 2)),
        ("HEAD", None, (200, 2)),
        ("POST", b"{}", (503, 1)),
        ("POST", None, (503, 1)),
    ],
)
def test_a_read_that_gets_no_answer_is_sent_once_more(strict, bare, method, body, expected):
    """Once, and no call that could change something (RFC 9110, 9.2.2)."""
    answer = answering(EMPTY)

    def converse(begun: bytes, connection: socket.socket) -> None:
        if len(bare.heads) > 1:
            answer(begun, connection)

    bare.converse = converse
    assert expected == (strict.admin.call(method, SEARCH, body).status, len(bare.heads))


def test_a_read_that_gets_no_answer_twice_is_told(strict, bare):
    """A third time would be one too many."""
    bare.converse = lambda _head, _connection: None
    assert (503, 2) == (strict.admin.call("GET", SEARCH).status, len(bare.heads))


def test_an_upstream_that_closes_idle_connections_is_no_fault(strict, bare):
    """A kept connection that MLflow has closed is not used again."""
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
    bare.converse = lambda _head, connection: connection.sendall(said)
    for _ in range(20):
        assert 200 == strict.admin.call("GET", SEARCH).status


class Mlflow(Bare):
    """An MLflow that has, or has not, a server-info and a health."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        super().__init__()
        self._answers = answers

    def _answer(self, connection: socket.socket) -> None:
        begun = connection.recv(65536)
        self.heads.append(begun)
        body = self._answers.get(begun.split(b" ")[1])
        answer = answering(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            if body is None
            else b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        answer(begun, connection)


@contextmanager
def in_front_of(folder, answers: dict[bytes, bytes]):
    """Run a gateway in front of such an MLflow."""
    mlflow = Mlflow(answers)
    with bare_server(mlflow) as address, running_gateway(folder, address.url) as running:
        wait_until(lambda: mlflow.heads, what="the question for server-info")
        yield running, mlflow


@pytest.fixture
def eager(monkeypatch):
    """A gateway that asks for server-info again at once."""
    monkeypatch.setattr(server_info, "RETRY_SECONDS", 0.02)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("path", [SERVER_INFO, SERVER_INFO.replace("/api", "/ajax-api")])
def test_server_info_is_answered_from_memory(tmp_path, path):
    """503 before MLflow has been heard, then its words to anybody, also when it is gone again."""
    port = free_port()
    mlflow = Mlflow({SERVER_INFO.encode(): b'{"version": "3.17.2", "n": [1]}'})

    with running_gateway(tmp_path, f"http://127.0.0.1:{port}") as running:

        def status() -> int:
            return running.anonymous.call("GET", path).status

        assert 503 == status()
        with bare_server(mlflow, port):
            wait_until(lambda: status() == 200, what="server-info")
        answer = running.anonymous.call("GET", path)
        assert {"version": "3.17.2", "n": [1]} == json.loads(answer.body)
        assert 200 == running.anonymous.call("HEAD", path).status
    assert 1 == len(mlflow.heads)


def test_an_old_mlflow_has_no_server_info(tmp_path):
    """404 as that server would answer, so that clients know what it cannot do."""
    with in_front_of(tmp_path, {}) as (running, _):
        wait_until(lambda: running.anonymous.call("GET", SERVER_INFO).status == 404)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 60_000, b" " * 70_000])
def test_a_server_info_that_is_none_is_not_passed_on(tmp_path, body):
    """Nobody is told what nobody can read, and the gateway goes on."""
    with in_front_of(tmp_path, {SERVER_INFO.encode(): body}) as (running, mlflow):
        wait_until(lambda: len(mlflow.heads) > 1, what="another question")
        assert 503 == running.anonymous.call("GET", SERVER_INFO).status


def test_ready_says_which_part_fails(tmp_path):
    """MLflow that is dead, or answers something else; the database is told in its own tests."""
    with running_gateway(tmp_path / "dead", f"http://127.0.0.1:{free_port()}") as running:
        answer = running.anonymous.call("GET", "/ready")
        assert (503, "1") == (answer.status, answer.one("retry-after"))
        assert "MLflow" in json.loads(answer.body)["detail"]
        assert 200 == running.anonymous.call("GET", "/health").status
    with in_front_of(tmp_path / "old", {}) as (running, _):
        answer = running.anonymous.call("GET", "/ready")
        assert (503, True) == (answer.status, "404" in json.loads(answer.body)["detail"])
    with in_front_of(tmp_path / "well", {b"/health": b"OK"}) as (running, _):
        assert 200 == running.anonymous.call("GET", "/ready").status


def test_ready_asks_mlflow_in_the_gateway_s_own_words(gateway, recorder):
    """Nothing of an anonymous request gets to MLflow."""
    headers = {"Accept": "a/b", "X-MLflow-A": "b", "User-Agent": "curl"}
    assert 200 == gateway.anonymous.call("GET", "/ready?a=b", headers=headers).status
    assert [] == recorder.seen
    (asked,) = [seen for seen in recorder.asked if seen.target.startswith(b"/health")]
    assert (b"/health", [b"penstock"]) == (asked.target, asked.all(b"user-agent"))
    assert [] == asked.all(b"x-mlflow-a")


def test_the_proxies_of_the_environment_are_not_asked(
    tmp_path, recorder, upstream_address, monkeypatch
):
    """MLflow is asked directly, whatever the gateway's environment says of proxies."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running_gateway(tmp_path, upstream_address.url) as running:
        assert 200 == running.admin.call("GET", SEARCH).status
    assert SEARCH.encode() in {request.target for request in recorder.seen}


def test_a_cookie_of_the_upstream_is_not_kept(gateway, recorder):
    """What MLflow sets for one caller must not travel with the next one's call."""
    recorder.answer_with(200, b"{}", [(b"set-cookie", b"session=ann; Path=/")])
    assert 200 == gateway.admin.call("GET", SEARCH).status
    assert 200 == gateway.admin.call("GET", SEARCH).status
    assert [[], []] == [request.all(b"cookie") for request in recorder.seen]
