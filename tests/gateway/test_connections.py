import pytest

from gateway.bare import answering
from gateway.wire import connected, exchange, head, read_all, read_until

ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"

SEARCH = "/api/2.0/mlflow/webhooks"


def login(caller) -> tuple[str, str]:
    return ("Authorization", caller.authorization)


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_pass(strict, bare, status):
    """They end with their head, and the connection goes on."""
    bare.converse = answering(f'HTTP/1.1 {status} X\r\nETag: "a"\r\n\r\n'.encode())
    with strict.admin.kept_open() as connection:
        for _ in range(2):
            answer = strict.admin.send(connection, "GET", ARTIFACT)
            assert (status, b"", '"a"') == (answer.status, answer.body, answer.one("etag"))


def test_an_answer_that_nothing_has_changed_may_name_the_length(strict, bare):
    """304 tells the length that 200 would have, and has no body (RFC 9110, 8.6)."""
    bare.converse = answering(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n")
    with strict.admin.kept_open() as connection:
        for _ in range(2):
            answer = strict.admin.send(connection, "GET", ARTIFACT)
            assert (304, b"") == (answer.status, answer.body)


def test_the_answer_to_head_keeps_its_length(strict, bare):
    """HEAD tells the length of what GET would bring, without it."""
    bare.converse = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
    with strict.admin.kept_open() as connection:
        for _ in range(2):
            answer = strict.admin.send(connection, "HEAD", ARTIFACT)
            assert (200, b"", "1234") == (
                answer.status,
                answer.body,
                answer.one("content-length"),
            )


def test_a_connection_is_kept(gateway, recorder):
    """Many requests, also refused ones, take one connection."""
    with gateway.admin.kept_open() as connection:
        gateway.admin.send(connection, "GET", SEARCH)
        first = connection.sock
        for _ in range(3):
            assert 200 == gateway.admin.send(connection, "POST", SEARCH, b"{}").status
            assert 400 == gateway.admin.send(connection, "POST", SEARCH, b"[]").status
            assert 404 == gateway.admin.send(connection, "GET", "/no/such/path").status
        assert first is connection.sock
    assert 4 == len(recorder.seen)


def test_requests_sent_at_once_are_answered_in_turn(gateway, recorder):
    """A caller may send the next request before the answer to the last (RFC 9112, 9.3.2)."""
    who = login(gateway.admin)
    requests = [head("GET", f"{SEARCH}?n={number}", ("Host", "h"), who) for number in range(9)]
    requests.append(head("GET", "/no/such", ("Host", "h"), who, ("Connection", "close")))
    answers = exchange(gateway.address, b"".join(requests)).split(b"HTTP/1.1 ")[1:]
    assert [b"200"] * 9 + [b"404"] == [answer[:3] for answer in answers]
    expected = [f"{SEARCH}?n={number}".encode() for number in range(9)]
    assert expected == [seen.target for seen in recorder.seen]


def test_a_caller_may_wait_for_the_permission_to_send(gateway, recorder):
    """`Expect: 100-continue` is answered by the gateway once the request may pass."""
    fields = (("Host", "h"), login(gateway.admin), ("Expect", "100-continue"))
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
    """`Upgrade` is an offer; the gateway stays with HTTP/1.1, and ends the connection."""
    fields = (("Host", "h"), login(gateway.admin))
    upgrade = (("Connection", "Upgrade"), ("Upgrade", "h2c"))
    with connected(gateway.address) as connection:
        connection.sendall(head("GET", SEARCH, *fields, *upgrade))
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    assert 1 == len(recorder.seen)


def test_an_old_caller_is_answered_and_the_connection_ends(gateway):
    """HTTP/1.0 keeps no connection."""
    answer = exchange(
        gateway.address, head("GET", SEARCH, login(gateway.admin), version="HTTP/1.0")
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n{}")
