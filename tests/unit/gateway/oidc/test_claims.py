"""What tokens must say of themselves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import IdentityRefused
from penstock.gateway.oidc.claims import (
    LEEWAY_SECONDS,
    Expected,
    check_claims,
    check_login,
    check_type,
    expiry,
)

ISSUER, AUDIENCE, NOW = "https://id.example.org", "penstock", 1_800_000_000.0
EXPECTED = Expected(ISSUER, frozenset({AUDIENCE, "other"}))
GOOD = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": NOW + 60, "iat": NOW - 60}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = scalars | st.lists(scalars, max_size=3) | st.dictionaries(scalars, scalars, max_size=2)


def refusal(**others: object) -> str:
    """Return why claims are refused; empty if they are not. `...` leaves one out."""
    content = {name: value for name, value in {**GOOD, **others}.items() if value is not ...}
    try:
        check_claims(content, EXPECTED, now=NOW)
    except IdentityRefused as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"aud": ["x", AUDIENCE]},
        {"aud": ["other"]},
        {"iat": ...},
        {"nbf": NOW},
        {"nbf": NOW + LEEWAY_SECONDS},
        {"iat": NOW + LEEWAY_SECONDS},
        {"exp": NOW - LEEWAY_SECONDS + 1},
        {"exp": NOW + 0.5},
        {"exp": 10**30},
        {"sub": "s" * 255},
    ],
)
def test_good_claims_are_good(others):
    """With what the standard leaves open, and with clocks a little apart."""
    assert "" == refusal(**others)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"iss": ...}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"iss": ISSUER.upper()}, "another issuer"),
        ({"iss": [ISSUER]}, "another issuer"),
        ({"aud": ...}, "another audience"),
        ({"aud": "Penstock"}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"aud": [[AUDIENCE]]}, "another audience"),
        ({"aud": {AUDIENCE: 1}}, "another audience"),
        ({"exp": ...}, "never expires"),
        ({"exp": None}, "'exp' is no time"),
        ({"exp": str(NOW + 60)}, "'exp' is no time"),
        ({"exp": True}, "'exp' is no time"),
        ({"exp": 10**400}, "'exp' is no time"),
        ({"exp": NOW - LEEWAY_SECONDS}, "has expired"),
        ({"exp": -1}, "has expired"),
        ({"nbf": NOW + LEEWAY_SECONDS + 1}, "not valid yet"),
        ({"nbf": "now"}, "'nbf' is no time"),
        ({"iat": NOW + 3600}, "not valid yet"),
        ({"iat": None}, "'iat' is no time"),
        ({"sub": ...}, "no subject"),
        ({"sub": ""}, "no subject"),
        ({"sub": 1}, "no subject"),
        ({"sub": "s" * 256}, "no subject"),
        ({"events": {}}, "no proof of identity"),
        ({"cnf": {"jkt": "x"}}, "bound to a key"),
    ],
)
def test_wrong_claims_are_refused_with_the_reason(others, why):
    """One wrong claim among good ones is enough."""
    assert why in refusal(**others)


@given(st.dictionaries(st.sampled_from([*GOOD, "nbf", "azp", "cnf"]), anything))
def test_no_other_claims_pass(others):
    """Whatever stands there, it is refused, or means what it has to mean."""
    if refusal(**others):
        return
    content = {**GOOD, **others}
    audiences = content["aud"] if isinstance(content["aud"], list) else [content["aud"]]
    assert (ISSUER, True) == (content["iss"], bool(EXPECTED.audiences & {*map(str, audiences)}))
    assert isinstance(content["sub"], str)
    assert content["sub"]
    assert NOW < content["exp"] + LEEWAY_SECONDS
    assert "cnf" not in content


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e12, 1e12))
def test_times_are_compared_with_the_same_leeway(moment, now):
    """A token is good from `nbf` to `exp`, a little more on both sides."""

    def passes(**times: float) -> bool:
        try:
            check_claims({**GOOD, "iat": now, **times}, EXPECTED, now=now)
        except IdentityRefused:
            return False
        return True

    assert (now < moment + LEEWAY_SECONDS) == passes(exp=moment)
    assert (now >= moment - LEEWAY_SECONDS) == passes(nbf=moment, exp=math.nextafter(1e300, 0))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT"])
def test_tokens_that_prove_who_somebody_is_count(kind):
    """ID tokens and access tokens, however they are spelled."""
    check_type({"typ": kind})
    check_type({})


@pytest.mark.parametrize(
    "kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt", "JOSE", None, 1]
)
def test_other_tokens_of_a_provider_do_not_count(kind):
    """They carry the same issuer, and often the same audience and subject."""
    with pytest.raises(IdentityRefused, match="proves no identity"):
        check_type({"typ": kind})


LOGIN = {**GOOD, "nonce": "n"}


@pytest.mark.parametrize(
    "others", [{}, {"azp": "penstock"}, {"aud": ["penstock", "x"], "azp": "penstock"}]
)
def test_the_answer_to_a_login_is_good(others):
    """Of this very client, with this very nonce."""
    check_login({**LOGIN, **others}, client_id="penstock", nonce="n")


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"nonce": "m"}, "answer to another one"),
        ({"nonce": None}, "answer to another one"),
        ({"nonce": ["n"]}, "answer to another one"),
        ({"azp": "other"}, "another application"),
        ({"azp": None}, "another application"),
        ({"aud": ["penstock", "x"]}, "which application"),
    ],
)
def test_the_answer_to_another_login_is_refused(others, why):
    """Of another browser or another application."""
    with pytest.raises(IdentityRefused, match=why):
        check_login({**LOGIN, **others}, client_id="penstock", nonce="n")


def test_an_answer_says_when_it_was_made():
    """OpenID Connect wants it of ID tokens."""
    undated = {name: value for name, value in LOGIN.items() if name != "iat"}
    with pytest.raises(IdentityRefused, match="when it was made"):
        check_login(undated, client_id="penstock", nonce="n")


def test_the_end_of_a_token_is_known():
    """So that nobody remembers it for longer."""
    assert NOW + 60 == expiry(GOOD)


@pytest.mark.parametrize("subject", ["a\ud800", "\udfff", "a\x00b"])
def test_a_subject_that_no_database_holds_is_refused(subject):
    """JSON can say half a character; that is a refusal, and no failure of ours."""
    assert "half a character" in refusal(sub=subject)
