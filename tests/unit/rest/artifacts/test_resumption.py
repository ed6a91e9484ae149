from io import BytesIO
from typing import NamedTuple

import pytest

from penstock.errors import IncompleteResponse
from penstock.rest._answer import Answer
from penstock.rest._request import Request
from penstock.rest._resumption import MOVED_BYTES, Resumption, find_validator

REQUEST = Request("GET", "http://server/x", "/x")
WHOLE = b"0123456789"
STRONG = {"etag": '"1"', "content-length": "10"}
REST = {"etag": '"1"', "content-range": "bytes 4-9/10", "content-length": "6"}


class Reply(NamedTuple):
    """What a server answers, and where it breaks off."""

    headers: dict[str, str]
    body: bytes
    status: int = 200
    breaks: bool = False


class Server:
    """Answers with its replies in turn, and remembers what was asked for."""

    def __init__(self, *replies: Reply):
        self.replies = list(replies)
        self.asked = []

    def fetch(self, request, open_sink):
        self.asked.append(dict(request.headers))
        reply = self.replies.pop(0)
        answer = Answer("GET", "/x", reply.status, headers=reply.headers)
        if answer.is_success:
            open_sink(answer).write(reply.body)
        if reply.breaks:
            raise IncompleteResponse("broken off")
        return answer


def fetch(*replies: Reply, size: int | None = None) -> tuple[bytes, list[dict[str, str]]]:
    """Fetch until an attempt works; return what came, and what was asked for."""
    server, sink = Server(*replies), BytesIO()
    resumption = Resumption(sink, size)
    for reply in replies:
        try:
            resumption.attempt(REQUEST, server)
        except IncompleteResponse:
            assert reply.breaks
        if not server.replies:
            break
    return sink.getvalue(), server.asked


def test_what_is_whole_is_asked_for_once():
    """Without a range."""
    assert (WHOLE, [{}]) == fetch(Reply(STRONG, WHOLE))


def test_the_rest_is_asked_for_if_it_is_the_same():
    """By the validator that came with the beginning."""
    expected = [{}, {"Range": "bytes=4-", "If-Range": '"1"'}]
    broken = Reply(STRONG, WHOLE[:4], breaks=True)
    assert (WHOLE, expected) == fetch(broken, Reply(REST, WHOLE[4:], 206))


def test_a_rest_that_breaks_off_goes_on_where_it_was():
    """As often as needed."""
    second = Reply(REST, WHOLE[4:7], 206, breaks=True)
    third = Reply({**REST, "content-range": "bytes 7-9/10"}, WHOLE[7:], 206)
    got, asked = fetch(Reply(STRONG, WHOLE[:4], breaks=True), second, third)
    assert (WHOLE, "bytes=7-") == (got, asked[2]["Range"])


def test_other_content_begins_anew():
    """The server answers with all of it."""
    other = Reply({"etag": '"2"', "content-length": "3"}, b"new")
    got, asked = fetch(Reply(STRONG, WHOLE[:4], breaks=True), other)
    assert (b"new", 2) == (got, len(asked))


WRONG_PARTS = {
    "another validator": {**REST, "etag": '"2"'},
    "no validator": {"content-range": "bytes 4-9/10"},
    "another place": {**REST, "content-range": "bytes 3-9/10"},
    "another end": {**REST, "content-range": "bytes 4-8/10"},
    "another length": {**REST, "content-range": "bytes 4-9/11"},
    "no length": {**REST, "content-range": "bytes 4-9/*"},
    "no place": {"etag": '"1"'},
}


@pytest.mark.parametrize("headers", WRONG_PARTS.values(), ids=WRONG_PARTS)
def test_a_part_that_may_be_of_other_content_is_not_taken(headers):
    """Everything is asked for anew."""
    broken = Reply(STRONG, WHOLE[:4], breaks=True)
    got, asked = fetch(broken, Reply(headers, b"wrong!", 206), Reply(STRONG, WHOLE))
    assert WHOLE == got
    assert [False, True, False] == ["Range" in headers for headers in asked]


def test_a_range_that_is_refused_is_followed_by_everything():
    """The content may be shorter now."""
    broken = Reply(STRONG, WHOLE[:4], breaks=True)
    got, asked = fetch(broken, Reply({}, b"", 416), Reply({"content-length": "2"}, b"ab"))
    assert (b"ab", 3) == (got, len(asked))


@pytest.mark.parametrize(
    "headers",
    [
        {"content-length": "10"},
        {"etag": 'W/"1"', "content-length": "10"},
        {"etag": '"1"'},
        {
            "last-modified": "Sat, 21 Nov 2026 00:38:15 GMT",
            "date": "Sat, 21 Nov 2026 00:38:15 GMT",
            "content-length": "10",
        },
    ],
    ids=["nothing", "a weak validator", "no length", "a date that is too young"],
)
def test_without_a_proof_everything_is_asked_for_again(headers):
    """Two halves of different files would be worse than a second download."""
    got, asked = fetch(Reply(headers, WHOLE[:4], breaks=True), Reply(headers, WHOLE))
    assert (WHOLE, [{}, {}]) == (got, asked)


def test_a_date_is_a_proof_if_it_is_older_than_the_answer():
    """By a second, which is as fine as dates are."""
    date = "Sat, 21 Nov 2026 00:38:15 GMT"
    headers = {"last-modified": date, "date": "Sat, 21 Nov 2026 00:38:16 GMT"}
    assert ("last-modified", date) == find_validator(Answer("GET", "/x", 200, headers=headers))
    broken = {**headers, "last-modified": "yesterday"}
    assert None is find_validator(Answer("GET", "/x", 200, headers=broken))


def test_where_the_answer_tells_no_length_the_listing_does():
    """Something between may cut answers short, and end them properly."""
    with pytest.raises(IncompleteResponse, match="4 bytes came of 10"):
        Resumption(BytesIO(), 10).attempt(REQUEST, Server(Reply({}, WHOLE[:4])))
    assert WHOLE == fetch(Reply({}, WHOLE), size=10)[0]
    assert WHOLE[:4] == fetch(Reply({"content-length": "4"}, WHOLE[:4]), size=10)[0]


def test_a_part_that_nobody_asked_for_is_told():
    """It may be any part."""
    with pytest.raises(IncompleteResponse, match="not asked for"):
        Resumption(BytesIO(), None).attempt(REQUEST, Server(Reply(REST, WHOLE[4:], 206)))


def test_what_stands_before_the_beginning_is_left_alone():
    """A sink may hold something already."""
    sink = BytesIO(b"head")
    sink.seek(4)
    resumption = Resumption(sink, None)
    server = Server(Reply(STRONG, WHOLE[:4], breaks=True), Reply(REST, WHOLE[4:], 206))
    with pytest.raises(IncompleteResponse):
        resumption.attempt(REQUEST, server)
    resumption.attempt(REQUEST, server)
    assert b"head" + WHOLE == sink.getvalue()
    assert "bytes=4-" == server.asked[1]["Range"]


def test_it_moves_when_it_comes_further_than_ever():
    """Then it may break off as often as it likes."""
    sink = BytesIO()
    resumption = Resumption(sink, None)
    sink.write(b"x" * (MOVED_BYTES - 1))
    assert not resumption.has_moved()
    sink.write(b"x")
    assert resumption.has_moved()
    assert not resumption.has_moved()
    sink.seek(0)
    sink.write(b"x" * MOVED_BYTES)
    assert not resumption.has_moved()
