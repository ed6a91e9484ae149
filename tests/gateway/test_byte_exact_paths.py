import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.running import running_gateway
from gateway.wire import exchange, head, status

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
STATIC = "/static-files/"

SEGMENTS = [
    "a",
    "model.bin",
    ".hidden",
    "...",
    "..a",
    "a..",
    "a.b.c",
    "~user",
    "a-b_c",
    "!$&'()*+,;=:@",
    ";a=b;c",
    "a%20b",
    "%41%42",
    "a%25b",
    "a%2525",
    "a%2520b",
    "%252541",
    "100%25",
    "100%25.",
    "caf%C3%A9",
    "caf%c3%a9",
    "%E6%BC%A2%e5%ad%97",
    "%F0%9F%9A%80",
    "a%3Fb%23c",
    "%22%3C%3E%60%7B%7D%7C%5E",
    "%5B0%5D",
    "a%3ab",
    "con%3A",
    "a'b",
    "x" * 2000,
    "%C3%A9" * 300,
]


def receive(strict, bare, target: bytes) -> bytes:
    """Send a request target and return the one that the upstream receives."""
    bare.heads.clear()
    request = head(
        "GET",
        target,
        ("Host", "h"),
        ("Authorization", strict.admin.authorization),
        ("Connection", "close"),
    )
    answer = exchange(strict.address, request)
    assert 200 == status(answer), answer
    (received,) = bare.heads
    return received.split(b" ")[1]


@pytest.mark.parametrize("root", [ARTIFACTS, STATIC])
@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: segment[:20])
def test_the_path_that_was_checked_is_the_path_that_is_sent(strict, bare, root, segment):
    """Byte for byte, in front, in the middle and at the end."""
    for path in (segment, f"{segment}/b", f"a/{segment}/b", f"a/{segment}"):
        assert (root + path).encode() == receive(strict, bare, (root + path).encode())


UNRESERVED = string.ascii_letters + string.digits + "-._~"
LEGAL = st.one_of(
    st.sampled_from(UNRESERVED + "!$&'()*+,;=:@"),
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="./\\").map(
        lambda character: "".join(f"%{byte:02X}" for byte in character.encode())
    ),
    st.sampled_from([*"abcdefghijklmnopqrstuvwxyz"]).map(lambda letter: f"%{ord(letter):02x}"),
)
SEGMENT = (
    st.lists(LEGAL, min_size=1, max_size=12)
    .map("".join)
    .filter(lambda segment: segment not in {".", ".."})
)
PATHS = (
    st.lists(SEGMENT, min_size=1, max_size=5)
    .map("/".join)
    .filter(lambda path: not re.search("%25(25)*(2[ef]|5c|[01]|7f|%)", path, re.IGNORECASE))
)
QUERIES = st.lists(
    st.one_of(
        st.sampled_from(UNRESERVED + "!$&()*+,;=:@/?"),
        st.integers(0, 255).map(lambda byte: f"%{byte:02x}"),
    ),
    max_size=20,
).map("".join)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=PATHS, query=QUERIES)
def test_any_legal_path_and_query_arrive_as_they_are(strict, bare, path, query):
    """No library on the way normalises what the gateway lets through."""
    target = (ARTIFACTS + path + (f"?{query}" if query else "")).encode()
    assert target == receive(strict, bare, target)


REFUSED = {
    "backslash": b"/static-files/a\\b",
    "encoded dot": b"/static-files/%2e",
    "encoded dots": b"/static-files/%2e%2e/a",
    "one encoded dot": b"/static-files/.%2E/a",
    "dot in a name": b"/static-files/a%2eb",
    "encoded slash": b"/static-files/a%2fb",
    "encoded slash, upper case": b"/static-files/a%2Fb",
    "encoded backslash": b"/static-files/a%5cb",
    "encoded zero": b"/static-files/a%00",
    "encoded tab": b"/static-files/a%09b",
    "encoded line feed": b"/static-files/a%0ab",
    "encoded carriage return": b"/static-files/a%0Db",
    "encoded escape": b"/static-files/%1b",
    "encoded delete": b"/static-files/a%7Fb",
    "dots encoded twice": b"/static-files/%252e%252e/a",
    "a slash encoded twice": b"/static-files/a%252Fb",
    "a backslash encoded three times": b"/static-files/a%25255cb",
    "a slash encoded in pieces": b"/static-files/a%25%32%66b",
    "a slash encoded in pieces again": b"/static-files/a%25%2532%2566b",
    "a line feed encoded twice": b"/static-files/a%250ab",
    "encoded without an end": b"/static-files/%" + b"25" * 20_000,
    "encoded C1 control": b"/static-files/a%C2%85b",
    "two slashes": b"/static-files//a",
    "two slashes in front": b"//static-files/a",
    "three slashes in front": b"///static-files/a",
    "slashes at the end": b"/static-files/a//",
    "dot segment": b"/static-files/./a",
    "dot segment at the end": b"/static-files/.",
    "two dots": b"/static-files/../a",
    "two dots at the end": b"/static-files/a/..",
    "dots to another route": b"/static-files/../v1/users",
    "raw UTF-8": "/static-files/é".encode(),
    "raw byte": b"/static-files/\xff",
    "raw tab": b"/static-files/a\tb",
    "raw space": b"/static-files/a b",
    "raw delete": b"/static-files/a\x7fb",
    "raw control": b"/static-files/a\x01b",
    "raw quote": b'/static-files/a"b',
    "raw angle": b"/static-files/a<b",
    "raw brace": b"/static-files/a{b",
    "raw bar": b"/static-files/a|b",
    "raw caret": b"/static-files/a^b",
    "raw backtick": b"/static-files/a`b",
    "raw bracket": b"/static-files/a[b]",
    "fragment": b"/static-files/a#b",
    "fragment behind a query": b"/static-files/a?b=c#d",
    "broken escape": b"/static-files/a%",
    "half an escape": b"/static-files/a%4",
    "no hexadecimal": b"/static-files/a%zz",
    "u escape": b"/static-files/%u0041",
    "no UTF-8 in escapes": b"/static-files/%ff",
    "overlong slash": b"/static-files/%c0%af",
    "overlong dot": b"/static-files/%c0%ae%c0%ae/a",
    "surrogate in escapes": b"/static-files/%ed%a0%80",
    "half a character": b"/static-files/%c3",
    "broken escape in the query": b"/static-files/a?b=%",
    "no hexadecimal in the query": b"/static-files/a?b=%zz",
    "raw tab in the query": b"/static-files/a?b=\t",
    "raw byte in the query": b"/static-files/a?b=\xff",
    "a whole address": b"http://h/static-files/a",
    "somebody's address": b"http://evil.example.org/static-files/a",
    "an address without a scheme": b"h:80/static-files/a",
    "everything": b"*",
    "no slash": b"static-files/a",
    "nothing": b"",
    "a query alone": b"?a=b",
}


@pytest.mark.parametrize("target", REFUSED.values(), ids=REFUSED)
def test_what_could_be_read_in_two_ways_is_refused(gateway, recorder, target):
    """400 before anything is decided by it, with and without a login; nothing reaches MLflow."""
    for login in ([], [("Authorization", gateway.admin.authorization)]):
        request = head("GET", target, ("Host", "h"), *login, ("Connection", "close"))
        answer = exchange(gateway.address, request)
        assert 400 == status(answer), answer
        assert re.search(rb'"error_code": ?"BAD_REQUEST"', answer)
    assert [] == recorder.seen


@pytest.mark.parametrize("method", ["OPTIONS", "CONNECT"])
def test_targets_of_other_forms_are_refused(gateway, recorder, method):
    """`OPTIONS *` and `CONNECT host:port` are for other kinds of servers."""
    target = {"OPTIONS": "*", "CONNECT": "h:443"}[method]
    request = head(method, target, ("Host", "h"), ("Authorization", gateway.admin.authorization))
    assert 400 == status(exchange(gateway.address, request))
    assert [] == recorder.seen


def test_a_prefix_of_the_upstream_s_address_stays_in_front(recorder, upstream_address, tmp_path):
    """MLflow may live below a path of its own."""
    with running_gateway(tmp_path, upstream_address.url + "/mlflow/") as running:
        assert 200 == running.admin.call("GET", "/static-files/a%20b").status
    assert b"/mlflow/static-files/a%20b" in {seen.target for seen in recorder.seen}
