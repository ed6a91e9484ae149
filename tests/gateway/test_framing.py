import socket
from contextlib import suppress

import pytest

from gateway.wire import connected, exchange, head, read_all, read_until, status

CREATE = "/api/2.0/mlflow/webhooks"

OTLP = "/gateway/openai/v1/chat/completions"


def request(caller, target: str, *fields: tuple[str, object]) -> bytes:
    login = ("Authorization", caller.authorization)
    return head("POST", target, ("Host", "h"), login, *fields)


@pytest.mark.parametrize("target", [CREATE, OTLP, "/graphql"])
def test_a_body_that_says_that_it_is_too_large_is_refused_at_its_head(strict, bare, target):
    """Nobody has to send it for nothing."""
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target, ("Content-Length", 100_001)))
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 413 ")
    assert [] == bare.heads


@pytest.mark.parametrize("target", [CREATE, OTLP, "/graphql"])
def test_a_body_that_grows_too_large_is_refused(strict, bare, target):
    """The bound holds without a length, too."""
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target, ("Transfer-Encoding", "chunked")))
        for _ in range(3):
            connection.sendall(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
        connection.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 413 ")
    assert [] == bare.heads


def test_a_body_of_just_the_bound_passes(strict, bare):
    """100,000 bytes are allowed there."""
    body = b'{"a":"' + b"x" * 99_992 + b'"}'
    assert 100_000 == len(body)
    received = []

    def converse(begun: bytes, connection: socket.socket) -> None:
        body = begun.partition(b"\r\n\r\n")[2]
        while len(body) < 100_000:
            body += connection.recv(65536)
        received.append(body)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    bare.converse = converse
    assert 200 == strict.admin.call("POST", CREATE, body).status
    assert [body] == received


FRAMINGS = [
    (("Content-Length", 9), b'{"a": 1'),
    (("Transfer-Encoding", "chunked"), b'7\r\n{"a": 1\r\n'),
    (("Transfer-Encoding", "chunked"), b'8\r\n{"a": 1}\r\n'),
    (("Transfer-Encoding", "chunked"), b'8\r\n{"a": 1'),
]


@pytest.mark.parametrize(("framing", "part"), FRAMINGS)
@pytest.mark.parametrize("target", [CREATE, OTLP])
def test_a_body_whose_caller_ends_its_side_is_refused(gateway, recorder, target, framing, part):
    """The caller is told that the body was cut off; nothing reaches MLflow."""
    with connected(gateway.address) as connection:
        connection.sendall(request(gateway.admin, target, framing) + part)
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert 400 == status(answer)
    assert b"cut off" in answer
    assert [] == recorder.seen


@pytest.mark.parametrize(("framing", "part"), FRAMINGS)
def test_a_body_whose_caller_leaves_does_not_reach_mlflow(gateway, recorder, framing, part):
    """Half a body is no body."""
    with connected(gateway.address) as connection:
        connection.sendall(request(gateway.admin, CREATE, framing) + part)
    gateway.wait_until_idle()
    assert [] == recorder.seen


@pytest.mark.parametrize(
    ("target", "framing", "part"),
    [(CREATE, *framing) for framing in FRAMINGS]
    + [(target, *FRAMINGS[0]) for target in (OTLP, "/v1/user")],
)
def test_a_body_that_pauses_too_long_is_refused(strict, bare, target, framing, part):
    """A caller who sends nothing more is told so."""
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target, framing) + part)
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 408 ")
    assert [] == bare.heads


FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize("target", ["/login", "/invitation/x"])
def test_a_form_that_pauses_or_drips_is_refused(strict, target):
    """Anybody may send one: nobody holds a connection open with it."""
    begun = head("POST", target, ("Host", "h"), FORM, ("Content-Length", 9))
    with connected(strict.address) as connection:
        connection.sendall(begun + b"a")
        assert read_until(connection, b"</html>").startswith(b"HTTP/1.1 408 ")
    with connected(strict.address) as connection:
        connection.sendall(begun + b"a")
        connection.settimeout(0.1)
        for _ in range(6):
            with suppress(TimeoutError):
                assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")
                break
            connection.sendall(b"b")
        else:
            raise AssertionError("the form is still waited for")


def test_a_form_whose_caller_leaves_is_no_defect(strict, caplog):
    """It is neither answered nor logged as one."""
    begun = head("POST", "/login", ("Host", "h"), FORM, ("Content-Length", 9))
    with connected(strict.address) as connection:
        connection.sendall(begun + b"a")
    strict.wait_until_idle()
    assert [] == [record for record in caplog.records if record.exc_info]


GARBAGE = [b"zz\r\n", b"-1\r\n", b"0x2\r\n", b"2\nab\r\n", b"2\r\nabc\r\n", b"\r\n", b"g" * 100]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_broken_framing_is_refused(gateway, recorder, garbage):
    """What is no chunk is a 400, and the gateway goes on."""
    begun = request(gateway.admin, CREATE, ("Transfer-Encoding", "chunked"))
    assert 400 == status(exchange(gateway.address, begun + garbage))
    assert 400 == status(exchange(gateway.address, begun + b"1\r\n{\r\n" + garbage))
    assert [] == recorder.seen
    assert 200 == gateway.admin.call("GET", "/v1/me").status


FRAMING = [
    [("Content-Length", "2"), ("Transfer-Encoding", "chunked")],
    [("Transfer-Encoding", "chunked"), ("Content-Length", "2")],
    [("Content-Length", "2"), ("Content-Length", "2")],
    [("Content-Length", "2"), ("Content-Length", "3")],
    [("Content-Length", "2, 2")],
    [("Content-Length", "-2")],
    [("Content-Length", "+2")],
    [("Content-Length", "0x2")],
    [("Content-Length", "2 ")],
    [("Content-Length", "99999999999999999999999")],
    [("Transfer-Encoding", "identity")],
    [("Transfer-Encoding", "chunked, identity")],
    [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
    [("Transfer-Encoding", "gzip, chunked")],
    [("Transfer-Encoding", "xchunked")],
    [("Transfer-Encoding", " chunked")],
    [("Transfer-Encoding", "\x0bchunked")],
    [("Transfer-Encoding", "")],
]


@pytest.mark.parametrize("fields", FRAMING, ids=str)
def test_a_body_whose_end_is_a_matter_of_opinion_is_refused(gateway, recorder, fields):
    """Two parts of a system must not find two ends of one request (RFC 9112, 11.2)."""
    begun = request(gateway.admin, CREATE, *fields, ("Connection", "close"))
    answer = exchange(gateway.address, begun + b"2\r\n{}\r\n0\r\n\r\n")
    if fields in ([("Content-Length", "2 ")], [("Transfer-Encoding", " chunked")]):
        assert status(answer) in {200, 400}
        return
    assert status(answer) in {400, 413, 501}
    assert 1 == answer.count(b"HTTP/1.1 ")
    assert [] == recorder.seen


def test_a_refused_body_does_not_become_the_next_request(gateway, recorder):
    """What follows a refusal on the same connection is the rest of the body, not a request."""
    smuggled = request(gateway.admin, CREATE, ("Content-Length", 2)) + b"{}"
    begun = head("POST", CREATE, ("Host", "h"), ("Content-Length", len(smuggled)))
    last = head("GET", "/v1/me", ("Host", "h"), ("Connection", "close"))
    answers = exchange(gateway.address, begun + smuggled + last).split(b"HTTP/1.1 ")[1:]
    assert [b"401", b"401"] == [answer[:3] for answer in answers]
    assert [] == recorder.seen
