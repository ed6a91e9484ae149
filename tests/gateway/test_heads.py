import pytest

from gateway.bare import Silence, Upload
from gateway.wire import connected, exchange, head, read_all, read_until, status
from servers import wait_until

SEARCH = "/api/2.0/mlflow/webhooks"


def request(caller, *fields: tuple[str, object], target: str = SEARCH) -> bytes:
    return head("GET", target, ("Host", "h"), ("Authorization", caller.authorization), *fields)


def goes_on(gateway) -> bool:
    return gateway.admin.call("GET", "/v1/me").status == 200


def send_until_refused(connection, begun: bytes, more: bytes) -> bytes:
    """Send and send until there is an answer."""
    connection.sendall(begun)
    try:
        for _ in range(1000):
            connection.sendall(more)
    except (BrokenPipeError, ConnectionResetError):
        return read_all(connection)
    pytest.fail("the gateway reads on and on")


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /", b"a" * 10_000),
        (b"GET /v1/me HTTP/1.1\r\nA: ", b"a" * 10_000),
        (b"GET /v1/me HTTP/1.1\r\n", b"A: b\r\n" * 2_000),
        (b"GET /v1/me HTTP/1.1\r\n", b"a" * 10_000),
        (b"\r\n", b"\r\n" * 10_000),
    ],
    ids=["target", "value", "headers", "name", "line ends"],
)
def test_a_head_without_an_end_is_refused(gateway, begun, more):
    """Memory and patience for a head are bounded."""
    with connected(gateway.address) as connection:
        answer = send_until_refused(connection, begun, more)
    # What was still being sent may have taken the answer with it.
    assert not answer or status(answer) in {400, 431}
    assert goes_on(gateway)


@pytest.mark.parametrize(
    "more",
    [b"A: " + b"b" * 60_000 + b"\r\n", b"A: b\r\n" * 5_000, b"a" * 60_000],
    ids=["lines", "many lines", "one line"],
)
def test_fields_without_an_end_behind_a_body_are_refused(strict, bare, more):
    """A trailer is bounded like a head, and MLflow does not get the end of the body."""
    upload = bare.converse = Upload()
    target = "/api/2.0/mlflow-artifacts/artifacts/a"
    begun = request(strict.admin, ("Transfer-Encoding", "chunked"), target=target)
    begun = begun.replace(b"GET", b"PUT", 1) + b"1\r\na\r\n"
    with connected(strict.address) as connection:
        connection.sendall(begun)
        wait_until(lambda: b"a\r\n" in upload.received, what="the first part")
        answer = send_until_refused(connection, b"0\r\nA: ", more)
    assert not answer or status(answer) in {400, 431}
    assert upload.ended.wait(20)
    assert not upload.received.endswith(b"0\r\n\r\n")
    assert goes_on(strict)


def test_a_chunk_without_an_end_of_its_size_is_refused(gateway, recorder):
    """What stands behind a chunk's size is bounded, too."""
    begun = request(gateway.admin, ("Transfer-Encoding", "chunked")).replace(b"GET", b"POST")
    with connected(gateway.address) as connection:
        answer = send_until_refused(connection, begun + b"1;", b"a=b;" * 5_000)
    assert not answer or status(answer) in {400, 431}
    assert [] == recorder.seen
    assert goes_on(gateway)


def test_headers_that_are_too_large_together_are_refused(gateway, recorder):
    """431, also when they come in one piece."""
    fields = [("X-A", "a" * 33_000), ("X-B", "b" * 33_000)]
    answer = exchange(gateway.address, request(gateway.admin, *fields, ("Connection", "close")))
    assert 431 == status(answer)
    assert b"error_code" in answer or b"detail" in answer
    assert [] == recorder.seen
    assert goes_on(gateway)


def test_headers_below_the_limit_pass(gateway, recorder):
    """60 kB are allowed."""
    fields = [("User-Agent", "a" * 30_000), ("X-MLflow-Run-Id", "b" * 30_000)]
    answer = exchange(gateway.address, request(gateway.admin, *fields, ("Connection", "close")))
    assert 200 == status(answer)
    assert [b"b" * 30_000] == recorder.one().all(b"x-mlflow-run-id")


@pytest.mark.parametrize("name", ["X-A", "X-MLflow-A"])
def test_thousands_of_headers_do_no_harm(gateway, recorder, name):
    """They pass or are refused, and the gateway goes on."""
    fields = [(f"{name}{number}", "b") for number in range(4000)]
    answer = exchange(gateway.address, request(gateway.admin, *fields, ("Connection", "close")))
    assert status(answer) in {200, 431}
    assert goes_on(gateway)
    assert len(recorder.seen) <= 1


@pytest.mark.parametrize("path", ["/static-files/{}", SEARCH + "?a={}"])
def test_a_target_that_is_too_long_is_refused(gateway, recorder, path):
    """414 beyond what the parts behind the gateway take."""
    for length, statuses in ((60_000, {414}), (64_000, {414}), (150_000, {414, 431})):
        target = path.format("a" * length)
        begun = request(gateway.admin, ("Connection", "close"), target=target)
        assert status(exchange(gateway.address, begun)) in statuses, length
    assert [] == recorder.seen
    assert goes_on(gateway)


def test_a_target_that_escapes_make_too_long_is_refused(gateway, recorder):
    """What counts is the length that is sent on."""
    target = SEARCH + "?a=" + "'" * 25_000
    assert 414 == gateway.admin.call("GET", target).status
    assert [] == recorder.seen


def test_a_long_target_passes(gateway, recorder):
    """Filters of MLflow's searches may be long."""
    target = SEARCH + "?filter=" + "a" * 50_000
    assert 200 == gateway.admin.call("GET", target).status
    assert target.encode() == recorder.one().target


@pytest.mark.parametrize("byte", [*range(0x20), *range(0x7F, 0xA0), 0xAD, 0xFF])
def test_no_byte_in_a_header_is_a_failure_of_the_gateway(gateway, recorder, byte):
    """It passes or is refused; nothing breaks."""
    value = b"a" + bytes([byte]) + b"b"
    for name in ("User-Agent", "X-Other", "email"):
        fields = ((name, value), ("Connection", "close"))
        answer = exchange(gateway.address, request(gateway.admin, *fields))
        assert status(answer) in {200, 400, 401}, answer
    assert all(seen.target == SEARCH.encode() for seen in recorder.seen)


@pytest.mark.parametrize(
    "line",
    [
        b"GET",
        b"GET /v1/me",
        b"GET  /v1/me HTTP/1.1",
        b"GET /v1/me HTTP/9.9",
        b"GET /v1/me HTTP/2.0",
        b"GET /v1/me FTP/1.1",
        b"G\xffT /v1/me HTTP/1.1",
        b"get /v1/me HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"\x16\x03\x01\x02\x00",
        b"GET /v1/me HTTP/1.1\r\nA b",
        b"GET /v1/me HTTP/1.1\r\n: b",
        b"GET /v1/me HTTP/1.1\r\nA : b",
        b"GET /v1/me HTTP/1.1\r\n A: b",
        b"GET /v1/me HTTP/1.1\r\nA: b\r\n c",
        b"GET /v1/me HTTP/1.1\nA: b",
        b"GET /v1/me HTTP/1.1\r\nA\x00: b",
        b"GET /v1/me HTTP/1.1\r\nA\xe9: b",
    ],
)
def test_what_is_no_request_is_refused(gateway, recorder, line):
    """400, or 505 for another version, in MLflow's shape; with an id, and the connection ends."""
    answer = exchange(gateway.address, line + b"\r\nHost: h\r\nConnection: close\r\n\r\n")
    is_lenient = line.startswith(b"GET  ")  # with a space too many it is a request without a login
    expected = 505 if b"/v1/me HTTP/2.0" in line else 401 if is_lenient else 400
    assert expected == status(answer), answer
    assert 1 == answer.lower().count(b"\r\nx-request-id: ")
    assert b"error_code" in answer or b"detail" in answer
    assert [] == recorder.seen
    assert goes_on(gateway)


def test_a_head_that_does_not_end_in_time_is_refused(strict, bare):
    """A caller who trickles a head is told so, and does not hold a connection for ever."""
    with connected(strict.address) as connection:
        connection.sendall(b"GET /v1/me HTTP/1.1\r\nHost: h\r\n")
        answer = read_all(connection)
    assert (408, True) == (status(answer), b"error_code" in answer)
    assert [] == bare.heads


def test_a_trickle_does_not_prolong_the_time_for_a_head(strict, bare):
    """The time runs from the first byte, not from the last."""
    with connected(strict.address) as connection:
        connection.sendall(b"GET /v1/me HTTP/1.1\r\n")
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            connection.sendall(b"A: b\r\n")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue
    assert 408 == status(answer)
    assert [] == bare.heads


def test_a_connection_without_a_request_is_closed(strict, bare):
    """Without a word, for nothing was asked."""
    with connected(strict.address) as connection:
        assert b"" == read_all(connection)
    assert [] == bare.heads


def test_a_second_head_that_does_not_end_in_time_is_refused(strict, bare):
    """What holds for the first request of a connection holds for the next ones."""
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target="/v1/me"))
        read_until(connection, b"}}")
        connection.sendall(b"GET /v1/me HTTP/1.1\r\n")
        assert 408 == status(read_all(connection))
    assert [] == bare.heads


@pytest.mark.parametrize("rest", [b"\r\n", b""])
def test_a_connection_between_requests_is_kept(strict, bare, rest):
    """A kept connection may be silent for longer than a head may take."""
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target="/v1/me"))
        read_until(connection, b"}}")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(20)
        connection.sendall(rest + request(strict.admin, ("Connection", "close"), target="/v1/me"))
        assert 200 == status(read_all(connection))
    assert [] == bare.heads


def test_the_rest_of_a_refused_body_may_not_trickle_for_ever(strict, bare):
    """After a refusal the rest is read for a while, and then the connection ends."""
    with connected(strict.address) as connection:
        connection.sendall(head("POST", SEARCH, ("Host", "h"), ("Content-Length", 1000)))
        assert 401 == status(read_until(connection, b"}"))
        connection.sendall(b"x")
        assert b"" == read_all(connection)
    assert [] == bare.heads


def test_an_answer_under_way_is_not_cut_by_the_time_for_a_head(strict, bare):
    """The time for a head does not run while a request is answered."""
    silence = bare.converse = Silence()
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target=SEARCH))
        assert silence.begun.wait(20)
        assert 504 == status(read_until(connection, b"}"))


@pytest.mark.parametrize("rest", [b"GARBAGE\r\n\r\n", b"GET * HTTP/1.1\r\n\r\n", b"GET / HTTP"])
def test_a_bad_request_behind_a_good_one_does_not_answer_in_its_place(strict, bare, rest):
    """A refusal never comes in front of the answer to an earlier request, or inside it."""
    silence = bare.converse = Silence(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    artifact = "/api/2.0/mlflow-artifacts/artifacts/1"
    with connected(strict.address) as connection:
        connection.sendall(request(strict.admin, target=artifact))
        assert silence.begun.wait(20)
        begun = read_until(connection, b"abc")
        connection.sendall(rest)
        if rest == b"GET / HTTP":
            connection.shutdown(1)
        assert b"" == read_all(connection)
    assert begun.startswith(b"HTTP/1.1 200 ")
    wait_until(silence.ended.is_set, what="the end at the upstream")


def test_a_cut_off_body_behind_a_good_request_does_not_answer_in_its_place(strict, bare):
    """The answer under way is broken off, not mixed up."""
    silence = bare.converse = Silence(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    artifact = "/api/2.0/mlflow-artifacts/artifacts/1"
    with connected(strict.address) as connection:
        second = head("POST", SEARCH, ("Host", "h"), ("Content-Length", 10))
        connection.sendall(request(strict.admin, target=artifact) + second + b"{")
        assert silence.begun.wait(20)
        begun = read_until(connection, b"abc")
        connection.shutdown(1)
        bare.end()
        rest = read_all(connection)
    assert begun.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1" not in rest
