"""Bytes that are no request, alone and behind requests that are."""

import re
import socket
import threading
import time

import pytest
from structlog.testing import capture_logs

from gateway.bare import Silence
from gateway.processes import started_gateway
from gateway.wire import connected, exchange, head, read_all, read_until, status

SEARCH = "/api/2.0/mlflow/webhooks"
ARTIFACT = "/get-artifact?run_uuid=a&path=x"
GARBAGE = b"\x16\x03\x01 what is this?\r\n\r\n"
LAST = ("Connection", "close")
HEALTH = head("GET", "/health", ("Host", "h"))


def request(caller, *fields: tuple[str, object], method: str = "GET") -> bytes:
    login = ("Authorization", caller.authorization)
    return head(method, SEARCH, ("Host", "h"), login, *fields)


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


@pytest.mark.parametrize(
    "hosts", [[], ["h", "h"], ["h", "other"], ["", ""]], ids=["none", "twice", "two", "empty"]
)
def test_a_request_without_its_one_host_is_refused(gateway, recorder, hosts):
    """Two parts of a system must not find two hosts in one request (RFC 9112, 3.2)."""
    fields = [(name, host) for name, host in zip(("Host", "hOST"), hosts, strict=False)]
    login = ("Authorization", gateway.admin.authorization)
    answer = exchange(gateway.address, head("GET", SEARCH, *fields, login, LAST))
    assert 400 == status(answer)
    assert b"one Host header" in answer
    assert [] == recorder.seen


@pytest.mark.parametrize(
    "host",
    ["", "a b", "h/path", "h?", "user@h", "h:80:80", "h:port", 'a"b', "<h>", "h\\x", "[h]", "ü"],
)
def test_a_host_that_is_none_is_refused(gateway, recorder, host):
    """It would become a part of the links in invitations."""
    begun = head("GET", SEARCH, ("Host", host), ("Authorization", gateway.admin.authorization))
    answer = exchange(gateway.address, begun)
    assert 400 == status(answer)
    assert b"a name or an address" in answer
    assert [] == recorder.seen


@pytest.mark.parametrize("host", ["h", "H.example:8000", "10.0.0.1", "[::1]:80", "a_b-c.d", " h "])
def test_a_host_is_a_name_or_an_address(gateway, host):
    """With a port or without."""
    login = ("Authorization", gateway.admin.authorization)
    assert 200 == status(
        exchange(gateway.address, head("GET", SEARCH, ("Host", host), login, LAST))
    )


def test_http_1_0_knows_no_host(gateway, recorder):
    """There it may be missing, but not be there twice."""
    login = ("Authorization", gateway.admin.authorization)
    begun = head("GET", SEARCH, login, version="HTTP/1.0")
    assert 200 == status(exchange(gateway.address, begun))
    assert 1 == len(recorder.seen)
    twice = head("GET", SEARCH, login, ("Host", "h"), ("Host", "h"), version="HTTP/1.0")
    assert 400 == status(exchange(gateway.address, twice))
    assert 1 == len(recorder.seen)


@pytest.mark.parametrize("coding", ["chunked ", " chunked", "Chunked  "])
def test_spaces_around_the_transfer_coding_mean_nothing(gateway, recorder, coding):
    """They are no part of a field's value (RFC 9110, 5.5)."""
    begun = request(gateway.admin, ("Transfer-Encoding", coding), LAST, method="POST")
    assert 200 == status(exchange(gateway.address, begun + b"2\r\n{}\r\n0\r\n\r\n"))
    assert b"{}" == recorder.one().body


@pytest.mark.parametrize(
    "garbage",
    [
        GARBAGE,
        b"GET /v1/me HTTP/1.1\r\n\r\n",
        b"GET no-path HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST /v1/user HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["garbage", "no host", "no path", "no chunk"],
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_request_before_garbage_has_its_answer(gateway, recorder, garbage, count):
    """Then comes the refusal, and the end of the connection: nothing behind it counts."""
    sent = request(gateway.admin) * count + garbage + request(gateway.admin)
    answers = exchange(gateway.address, sent)
    assert [200] * count + [400] == statuses(answers)
    assert answers.endswith(b'"}')
    assert count == len(recorder.seen)


def test_garbage_behind_a_request_under_way_waits_for_its_answer(strict, bare):
    """However long MLflow takes for it; the refusal does not stand in its middle."""
    finish = threading.Event()

    def converse(_head: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
        assert finish.wait(20)
        connection.sendall(b"de")

    bare.converse = converse
    login = ("Authorization", strict.admin.authorization)
    with connected(strict.address) as connection:
        connection.sendall(head("GET", ARTIFACT, ("Host", "h"), login))
        begun = read_until(connection, b"abc")
        connection.sendall(GARBAGE)
        connection.sendall(GARBAGE)
        finish.set()
        rest = read_all(connection)
    assert [200] == statuses(begun)
    assert rest.startswith(b"deHTTP/1.1 400 ")
    assert [400] == statuses(rest)


def test_garbage_behind_the_last_request_is_not_answered(gateway):
    """Who announces the end of the connection gets it."""
    answers = exchange(gateway.address, request(gateway.admin, LAST) + GARBAGE)
    assert [200] == statuses(answers)


def test_a_refusal_is_one_line_for_who_looks_for_it(gateway, caplog):
    """It has the reason; uvicorn writes none of its own."""
    with capture_logs() as lines:
        answer = exchange(gateway.address, GARBAGE)
    assert 400 == status(answer)
    (line,) = lines
    assert gateway.address.host == line.pop("client")[0]
    assert f"X-Request-Id: {line.pop('request_id')}\r\n".encode() in answer
    expected = {"event": "request refused", "status": 400, "reason": "this is no HTTP request"}
    assert expected | {"log_level": "debug"} == line
    assert [] == caplog.records


def test_garbage_writes_nothing_into_an_ordinary_log(upstream_address, tmp_path):
    """Anybody who reaches the port can send it as fast as they like."""
    with started_gateway(tmp_path, UPSTREAM_URL=upstream_address.url) as started:
        before = (started.address, started.said())
        for garbage in (GARBAGE, b"GET /v1/me HTTP/1.1\r\n\r\n", HEALTH + GARBAGE):
            exchange(started.address, garbage)
        assert before == (started.address, started.said())


def test_a_caller_who_sends_garbage_and_leaves_is_forgotten(strict, bare):
    """What is still under way for them ends."""
    slow = bare.converse = Silence(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
    login = ("Authorization", strict.admin.authorization)
    with connected(strict.address) as connection:
        connection.sendall(head("GET", ARTIFACT, ("Host", "h"), login) + GARBAGE)
        read_until(connection, b"abc")
    left = time.monotonic()
    assert slow.ended.wait(20)
    assert time.monotonic() - left < strict.app.parts.settings.upstream_transfer_seconds
