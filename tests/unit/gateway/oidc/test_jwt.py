"""JWTs are read strictly, before anything in them is believed."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import IdentityRefused
from penstock.gateway.oidc.jwt import MAX_LENGTH, parse_jwt


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


HEAD, BODY = part('{"alg":"RS256","kid":"k"}'), part('{"sub":"ann"}')

EXTENDED = part('{"alg":"RS256","crit":["x"],"x":1}')
MALFORMED = [
    "[]",
    "x",
    "1",
    "{",
    "{}{}",
    "{" + '"a":{' * 9000,
    '{"a":1,"a":2}',
    '{"b":{"a":1,"a":2}}',
    '{"exp":NaN}',
    '{"exp":-Infinity}',
]


def test_the_parts_of_a_token_are_read():
    """Header and claims as JSON; what was signed as it stands there."""
    jwt = parse_jwt(f"{HEAD}.{BODY}.AQI")
    assert ("RS256", "k", {"sub": "ann"}) == (jwt.algorithm, jwt.key_id, jwt.claims)
    assert (f"{HEAD}.{BODY}".encode(), b"\x01\x02") == (jwt.signed, jwt.signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a.b",
        f"{HEAD}.{BODY}",
        f"{HEAD}..AQI",
        f"{HEAD}.{BODY}.AQI.",
        f"{HEAD}.{BODY}.AQI\n",
        f" {HEAD}.{BODY}.AQI",
        f"{HEAD}=.{BODY}.AQI",
        f"{HEAD}.{BODY}.A+I",
        f"{HEAD}.{BODY}.AQIBA",
        f"{HEAD}.é.AQI",
        f"{HEAD}.{base64.urlsafe_b64encode(bytes([0x7B, 0xFF])).decode().rstrip('=')}.AQI",
        *(f"{part(document)}.{BODY}.AQI" for document in MALFORMED),
        *(f"{HEAD}.{part(document)}.AQI" for document in MALFORMED),
        f"{EXTENDED}.{BODY}.AQI",
        f"{HEAD}.{BODY}.{'A' * MAX_LENGTH}",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text):
    """As is what is no token at all."""
    with pytest.raises(IdentityRefused):
        parse_jwt(text)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_a_token_or_refused(text):
    """Nothing else comes of it."""
    try:
        jwt = parse_jwt(text)
    except IdentityRefused:
        return
    assert text.encode().startswith(jwt.signed)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans()))
def test_claims_come_out_as_they_went_in(claims):
    """Whatever they hold."""
    assert claims == parse_jwt(f"{HEAD}.{part(json.dumps(claims))}.").claims


def test_a_token_does_not_show_what_it_says():
    """Neither in logs nor in errors: it is as good as a password."""
    assert "ann" not in repr(parse_jwt(f"{HEAD}.{BODY}.AQI"))
