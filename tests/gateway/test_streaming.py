import socket
import threading

import pytest

from gateway.bare import Silence, Upload, answering
from gateway.wire import connected, head, read_all, read_until
from servers import wait_until

UPLOAD = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"
SEARCH = "/api/2.0/mlflow/webhooks"
SECONDS = 20
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def request(caller, method: str, target: str, *fields: tuple[str, object]) -> bytes:
    """Return the head of a request with a login."""
    return head(method, target, ("Host", "h"), ("Authorization", caller.authorization), *fields)


def read_to_the_end(connection: socket.socket) -> bytes:
    """Read until the other side breaks off."""
    try:
        return read_all(connection)
    except TimeoutError:
        pytest.fail("the gateway keeps the connection open")


@pytest.mark.parametrize(
    ("framing", "first", "last"),
    [
        (("Content-Length", 6), b"abc", b"def"),
        (("Transfer-Encoding", "chunked"), b"3\r\nabc\r\n", b"3\r\ndef\r\n0\r\n\r\n"),
    ],
)
def test_the_upstream_gets_an_upload_while_it_is_sent(strict, bare, framing, first, last):
    """Nothing is held back until the end: MLflow has the first part before the last is sent."""
    arrived = threading.Event()

    def converse(received: bytes, connection: socket.socket) -> None:
        body = received.partition(b"\r\n\r\n")[2]
        while b"abc" not in body:
            body += connection.recv(1000)
        arrived.set()
        while b"def" not in body:
            body += connection.recv(1000)
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(received, connection)

    bare.converse = converse
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, "PUT", UPLOAD, framing) + first)
        assert arrived.wait(SECONDS)
        connection.sendall(last)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_the_caller_gets_a_download_while_it_is_sent(strict, bare):
    """Nothing is held back until the end: the caller has the first part before the last is sent."""
    arrived = threading.Event()

    def converse(_head: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc")
        assert arrived.wait(SECONDS)
        connection.sendall(b"def")

    bare.converse = converse
    with strict.admin.kept_open() as connection:
        strict.admin.begin(connection, "GET", UPLOAD)
        with connection.getresponse() as answer:
            assert b"abc" == answer.read(3)
            arrived.set()
            assert b"def" == answer.read()


def test_the_head_of_an_answer_arrives_before_its_body(strict, bare):
    """A caller learns status and headers as soon as MLflow has said them."""
    arrived = threading.Event()

    def converse(_head: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n")
        assert arrived.wait(SECONDS)
        connection.sendall(b"abc")

    bare.converse = converse
    with strict.admin.kept_open() as connection:
        strict.admin.begin(connection, "GET", UPLOAD)
        with connection.getresponse() as answer:
            arrived.set()
            assert b"abc" == answer.read()


def test_an_answer_may_come_before_the_upload_has_ended(strict, bare):
    """MLflow may refuse an upload at its head; the caller hears so at once."""
    bare.converse = keep_reading_after(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n{}")
    with connected(strict.address) as connection:
        begun = request(strict.admin, "PUT", UPLOAD, ("Content-Length", 1_000_000))
        connection.sendall(begun + b"x" * 1000)
        assert read_until(connection, b"{}").startswith(b"HTTP/1.1 403 ")


def keep_reading_after(answer: bytes):
    """Return a conversation that answers at once and reads what still comes."""

    def converse(_head: bytes, connection: socket.socket) -> None:
        connection.sendall(answer)
        read_all(connection)

    return converse


@pytest.mark.parametrize(
    ("framing", "part"),
    [
        (("Content-Length", 1_000_000), b"x" * 1000),
        (("Transfer-Encoding", "chunked"), b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
        (("Transfer-Encoding", "chunked"), b"3e8\r\n" + b"x" * 999),
    ],
)
def test_an_upload_whose_caller_leaves_is_broken_off(strict, bare, framing, part):
    """MLflow must see that something is missing, and the gateway goes on serving."""
    upload = bare.converse = Upload()
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, "PUT", UPLOAD, framing) + part)
        wait_until(lambda: upload.received.count(b"x") >= 999, what="the first part")
    assert upload.ended.wait(SECONDS)
    assert not upload.received.endswith(b"0\r\n\r\n")
    assert 200 == strict.admin.call("GET", "/v1/me").status


def test_an_upload_whose_caller_ends_its_side_is_broken_off(strict, bare):
    """The caller is told that the body was cut off; MLflow sees that something is missing."""
    upload = bare.converse = Upload()
    with connected(strict.address) as connection:
        begun = request(strict.admin, "PUT", UPLOAD, ("Transfer-Encoding", "chunked"))
        connection.sendall(begun + b"3\r\nabc\r\n")
        wait_until(lambda: b"abc" in upload.received, what="the first part")
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"cut off" in answer
    assert upload.ended.wait(SECONDS)
    assert not upload.received.endswith(b"0\r\n\r\n")


def test_an_upload_that_pauses_too_long_is_broken_off(strict, bare):
    """A caller who sends nothing more is told so, and does not hold MLflow's worker."""
    upload = bare.converse = Upload()
    with connected(strict.address) as connection:
        begun = request(strict.admin, "PUT", UPLOAD, ("Content-Length", 1_000_000))
        connection.sendall(begun + b"abc")
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 408 ")
        assert b"" == read_all(connection)
    assert upload.ended.wait(SECONDS)


@pytest.mark.parametrize("garbage", [b"zz\r\nabc", b"3\r\nabcdef\r\n", b"-1\r\n", b"3 \r\nabc\n"])
def test_an_upload_with_broken_framing_is_broken_off(strict, bare, garbage):
    """What is no chunk is refused, and MLflow sees that something is missing."""
    upload = bare.converse = Upload()
    with connected(strict.address) as connection:
        begun = request(strict.admin, "PUT", UPLOAD, ("Transfer-Encoding", "chunked"))
        connection.sendall(begun + b"1\r\na\r\n")
        wait_until(lambda: b"\r\na\r\n" in upload.received, what="the first part")
        connection.sendall(garbage)
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")
    assert upload.ended.wait(SECONDS)
    assert not upload.received.endswith(b"0\r\n\r\n")


class Flood:
    """A conversation that sends without an end, until it is broken off."""

    def __init__(self) -> None:
        self.sent = 0
        self.ended = threading.Event()

    def __call__(self, _head: bytes, connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            while True:
                connection.sendall(piece)
                self.sent += len(piece)
        except OSError:
            self.ended.set()


LIMIT = 32 * 1024 * 1024


def test_a_download_whose_caller_leaves_is_broken_off(strict, bare):
    """Nobody reads it any more: the gateway stops reading it from MLflow."""
    flood = bare.converse = Flood()
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, "GET", UPLOAD))
        received = 0
        while received < 2_000_000:
            received += len(connection.recv(65536))
    assert flood.ended.wait(SECONDS)
    assert flood.sent < LIMIT


def test_a_download_whose_caller_sent_more_requests_and_leaves_is_broken_off(strict, bare):
    """A second request that waits for its turn does not hide that the caller is gone."""
    flood = bare.converse = Flood()
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, "GET", UPLOAD) * 2)
        received = 0
        while received < 2_000_000:
            received += len(connection.recv(65536))
    assert flood.ended.wait(SECONDS)
    assert flood.sent < LIMIT
    assert 1 == len(bare.heads)


def test_a_download_that_the_caller_does_not_read_is_not_read_from_mlflow(strict, bare):
    """What a slow caller does not take stays with MLflow, not in the gateway's memory."""
    flood = bare.converse = Flood()
    with connected(strict.address) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(request(strict.admin, "GET", UPLOAD))
        wait_until(lambda: bare.heads, what="the request at the upstream")
        before = -1
        while flood.sent != before:
            before = flood.sent
            assert not flood.ended.wait(0.3)
        assert flood.sent < LIMIT
    assert flood.ended.wait(SECONDS)


@pytest.mark.parametrize("part", [b"", b"3\r\nabc\r\n"], ids=["head", "part"])
def test_an_answer_that_stalls_ends_with_its_caller(strict, bare, part):
    """A caller who gives up waiting leaves nothing behind, however little has been said."""
    silence = bare.converse = Silence(CHUNKED + part)
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, "GET", UPLOAD))
        read_until(connection, part or b"\r\n\r\n")
    assert silence.ended.wait(SECONDS)


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("PUT", b"abc")])
def test_a_caller_who_leaves_before_the_answer_ends_the_request(strict, bare, method, body):
    """The gateway does not wait for an answer that nobody will read, however long it may take."""
    silence = bare.converse = Silence()
    with connected(strict.address) as connection:
        fields = [("Content-Length", len(body))] if body else []
        connection.sendall(request(strict.admin, method, UPLOAD, *fields) + body)
        assert silence.begun.wait(SECONDS)
    strict.wait_until_idle()
    assert silence.ended.wait(SECONDS)


def test_an_answer_that_does_not_come_is_not_waited_for_at_mlflow_either(strict, bare):
    """After the limit the connection to MLflow is given up, too."""
    silence = bare.converse = Silence()
    assert 504 == strict.admin.call("GET", SEARCH).status
    assert silence.ended.wait(SECONDS)


def test_a_stream_of_events_passes_event_by_event(strict, bare):
    """The assistant's events are shown as they come."""
    step = threading.Semaphore(0)

    def converse(_head: bytes, connection: socket.socket) -> None:
        connection.sendall(CHUNKED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        for number in range(3):
            connection.sendall(b"9\r\ndata: " + str(number).encode() + b"\n\n\r\n")
            assert step.acquire(timeout=SECONDS)
        connection.sendall(b"0\r\n\r\n")

    bare.converse = converse
    target = "/ajax-api/3.0/mlflow/assistant/sessions/1/stream"
    with strict.admin.kept_open() as connection:
        strict.admin.begin(connection, "GET", target)
        with connection.getresponse() as answer:
            for number in range(3):
                assert f"data: {number}\n\n".encode() == answer.read(9)
                step.release()
            assert b"" == answer.read()
