import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.proxy.request_target import MAX_TARGET_BYTES, check_path, with_query

LEGAL = re.compile(rb"/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*")


@given(st.binary(max_size=30).map(lambda rest: b"/" + rest))
def test_any_path_is_kept_or_refused(raw):
    """What is kept has no byte changed and nothing that could be read in two ways."""
    try:
        path = check_path(raw)
    except RequestRefused:
        return
    assert raw == path.encode("ascii")
    assert LEGAL.fullmatch(raw)
    decoded = unquote_to_bytes(raw).decode("utf-8")
    assert not re.search("[\x00-\x1f\x7f-\x9f\\\\]", decoded)
    assert not {".", "..", ""} & set(decoded.split("/")[1:-1])
    assert decoded.count("/") == path.count("/")


PLAIN = ["a", "B", "a.b", ".a", "..a", "a..", "...", "%c3%a9", "%41", "%25", "~!$&'()*+,;=:@-_"]
AMBIGUOUS = ["", ".", "..", "%2e", "%2E", "a%2fb", "%2F", "%5c", "\\", "%00", "%0a", "%7f", "%1B"]
AMBIGUOUS += ["%", "%4", "%zz", "#", " ", "\t", "\x7f", "\xe9", "%ff", "%c2%85", '"', "<", "|", "{"]
SEGMENTS = st.lists(st.sampled_from(PLAIN), max_size=5)


@given(SEGMENTS.filter(bool), st.booleans())
def test_what_is_not_ambiguous_is_kept(segments, slash):
    """Nothing is refused without a reason."""
    path = "/" + "/".join(segments) + ("/" if slash else "")
    assert path == check_path(path.encode("ascii"))


@given(SEGMENTS, st.sampled_from(AMBIGUOUS), SEGMENTS.filter(bool))
def test_all_that_is_ambiguous_is_refused(before, ambiguous, behind):
    """Wherever it stands among what is not."""
    path = "/" + "/".join([*before, ambiguous, *behind])
    with pytest.raises(RequestRefused) as caught:
        check_path(path.encode("latin-1"))
    assert 400 == caught.value.status


@pytest.mark.parametrize(
    "raw", [b"", b"a", b"*", b"http://h/", b"?a", b"//", b"/.", b"/..", b"/a/."]
)
def test_what_is_no_path_is_refused(raw):
    """A path begins with a slash and has no dot segments."""
    with pytest.raises(RequestRefused):
        check_path(raw)


@given(st.binary(max_size=40))
def test_a_query_keeps_its_meaning(raw):
    """Names and values read from what is sent on are those of what was sent."""
    assume(not re.search(rb"%(?![0-9A-Fa-f]{2})", raw))
    target = with_query("/a", raw)
    assert re.fullmatch(r"/a(\?[A-Za-z0-9!$&()*+,;=:@/?%\-._~]+)?", target)
    sent = target.partition("?")[2].encode("ascii")
    assert read(raw) == read(sent)


def read(query: bytes) -> list[list[bytes]]:
    """Return names and values as a server reads them."""
    return [
        [unquote_to_bytes(part.replace(b"+", b" ")) for part in pair.split(b"=", 1)]
        for pair in query.split(b"&")
    ]


@given(st.from_regex(r"[A-Za-z0-9!$&()*+,;=:@/?._~\-]{0,40}(%[0-9A-Fa-f]{2})*", fullmatch=True))
def test_a_legal_query_is_kept(query):
    """Byte for byte."""
    assert (f"/a?{query}" if query else "/a") == with_query("/a", query.encode())


@pytest.mark.parametrize("query", [b"%", b"a=%4", b"a=%zz", b"%u0041", b"a=b%"])
def test_a_broken_escape_in_a_query_is_refused(query):
    """Some would read it as text, some not at all."""
    with pytest.raises(RequestRefused) as caught:
        with_query("/a", query)
    assert 400 == caught.value.status


def test_a_target_may_be_as_long_as_the_parts_behind_take():
    """The bound counts what is sent on."""
    room = MAX_TARGET_BYTES - len("/a?")
    assert MAX_TARGET_BYTES == len(with_query("/a", b"x" * room))
    for query in (b"x" * (room + 1), b"'" * (room // 3 + 1)):
        with pytest.raises(RequestRefused) as caught:
            with_query("/a", query)
        assert 414 == caught.value.status
