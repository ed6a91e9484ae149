import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.proxy.origin import check_origin
from penstock.gateway.proxy.request_headers import (
    FORWARDED,
    MAX_TOTAL_BYTES,
    check_header_size,
    find_header,
    forwarded_headers,
)
from penstock.gateway.proxy.response_headers import HOP_BY_HOP, KEPT_BACK, returned_headers

TOKENS = st.from_regex(rb"[a-z0-9\-]{1,20}", fullmatch=True)
IDENTITIES = {
    b"authorization",
    b"connection",
    b"content-length",
    b"cookie",
    b"email",
    b"expect",
    b"forwarded",
    b"host",
    b"keep-alive",
    b"origin",
    b"proxy-authorization",
    b"referer",
    b"remote-user",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"x-forwarded-for",
    b"x-forwarded-user",
    b"x-http-method-override",
}


@given(st.lists(st.tuples(TOKENS | st.sampled_from(sorted(FORWARDED | IDENTITIES)), TOKENS)))
def test_only_listed_headers_go_on(headers):
    """In their order, repeated ones too, but for those that `Connection` names."""
    named = {value for name, value in headers if name == b"connection"}
    expected = [
        (name.decode(), value.decode())
        for name, value in headers
        if (name in FORWARDED or name.startswith(b"x-mlflow-")) and name not in named
    ]
    assert expected == forwarded_headers(headers)
    assert not IDENTITIES & {name.encode() for name, _ in forwarded_headers(headers)}


def test_no_identity_is_among_the_listed():
    """Whoever adds a header to the list must not add one of these."""
    assert set() == FORWARDED & IDENTITIES


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"caf\xc3\xa9", "caf\u00e9"), (b"caf\xe9", "caf\u00e9"), (b"\xff", "\u00ff"), (b"", "")],
)
def test_values_beyond_ascii_are_text(value, expected):
    """UTF-8 where it is that, Latin-1 where it is not."""
    assert [("accept", expected)] == forwarded_headers([(b"accept", value)])


def test_headers_are_bounded_together():
    """The bound is reached by one or by many."""
    check_header_size([(b"a", b"x" * (MAX_TOTAL_BYTES - 1))])
    for headers in ([(b"a", b"x" * MAX_TOTAL_BYTES)], [(b"ab", b"c")] * (MAX_TOTAL_BYTES // 3 + 1)):
        with pytest.raises(RequestRefused) as caught:
            check_header_size(headers)
        assert 431 == caught.value.status


def test_the_first_of_several_headers_is_found():
    """Or none."""
    assert b"1" == find_header([(b"a", b"1"), (b"a", b"2")], b"a")
    assert find_header([(b"a", b"1")], b"b") is None


NAMES = st.from_regex(r"[A-Za-z0-9\-]{1,20}", fullmatch=True)


@given(st.lists(st.tuples(NAMES | st.sampled_from(sorted(HOP_BY_HOP | KEPT_BACK)), NAMES)))
def test_headers_of_one_connection_do_not_go_back(headers):
    """All others do, in their order and repeated."""
    named = {value.lower() for name, value in headers if name.lower() == "connection"}
    expected = [
        (name.lower().encode(), value.encode())
        for name, value in headers
        if name.lower() not in HOP_BY_HOP | KEPT_BACK | named
        and not name.lower().startswith("access-control-")
    ]
    assert expected == returned_headers(headers)


def test_an_answer_without_a_body_has_no_length():
    """The server would wait for it."""
    headers = [("Content-Length", "5"), ("ETag", '"a"')]
    assert [(b"content-length", b"5"), (b"etag", b'"a"')] == returned_headers(headers)
    assert [(b"etag", b'"a"')] == returned_headers(headers, with_length=False)


OWN = [(b"host", b"Gateway:8000")]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "X"])
def test_a_foreign_origin_is_refused_for_every_write(method):
    """What is not known to be safe counts as a write."""
    for origin in (b"http://evil", b"null", b"", b"http://gateway:8001", b"gateway:8000"):
        with pytest.raises(RequestRefused) as caught:
            check_origin(method, [*OWN, (b"origin", origin)])
        assert 403 == caught.value.status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_any_origin_may_read(method):
    """The browser keeps the answer from the foreign page."""
    check_origin(method, [*OWN, (b"origin", b"http://evil")])


@pytest.mark.parametrize("origin", [b"http://gateway:8000", b"https://GATEWAY:8000"])
def test_the_own_origin_may_write(origin):
    """Host and port compare without case."""
    check_origin("POST", [*OWN, (b"origin", origin)])


def test_a_program_has_no_origin():
    """And may write, also without a `Host`."""
    check_origin("POST", OWN)
    check_origin("POST", [])


def test_an_origin_without_a_host_is_refused():
    """There is nothing to compare it with."""
    for headers in ([(b"origin", b"null")], [(b"origin", b"http://"), (b"host", b"")]):
        with pytest.raises(RequestRefused):
            check_origin("POST", headers)
