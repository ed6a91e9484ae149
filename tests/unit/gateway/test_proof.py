import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.auth.proof import (
    MAX_HEADER_BYTES,
    BasicProof,
    BearerProof,
    find_authorization,
    parse_authorization,
    unauthenticated,
)


def encoded(text: str) -> bytes:
    return base64.b64encode(text.encode())


@given(
    st.text(st.characters(codec="utf-8", exclude_characters=":")),
    st.text(st.characters(codec="utf-8")),
)
def test_any_name_and_password_come_through(name, password):
    """The first colon ends the name, and the rest is the password."""
    header = b"Basic " + encoded(f"{name}:{password}")
    if len(header) <= MAX_HEADER_BYTES:
        assert BasicProof(name, password) == parse_authorization(header)


@given(st.binary(max_size=80))
def test_any_header_is_read_or_refused(header):
    """Nothing else than a refusal comes out, whatever comes in."""
    for value in (header, b"Basic " + header, b"Basic " + base64.b64encode(header)):
        with suppress(RequestRefused):
            proof = parse_authorization(value)
            assert isinstance(proof, BearerProof) or ":" not in proof.name


@pytest.mark.parametrize("prefix", [b"Basic ", b"basic ", b"BASIC   ", b" Basic "])
def test_the_scheme_compares_without_case(prefix):
    """RFC 9110, 11.1."""
    assert BasicProof("a", "b") == parse_authorization(prefix + encoded("a:b") + b" ")


@pytest.mark.parametrize("prefix", [b"Bearer ", b"bearer ", b" BEARER   "])
def test_a_token_is_read(prefix):
    """RFC 6750; it is not shown."""
    proof = parse_authorization(prefix + b"pst_abc ")
    assert BearerProof("pst_abc") == proof
    assert "pst_abc" not in repr(proof)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Basic",
        b"Basic ",
        b"Basic\t" + encoded("a:b"),
        b"Basic" + encoded("a:b"),
        b"Digest " + encoded("a:b"),
        b"Basic " + encoded("a:b") + b"!",
        b"Basic " + encoded("a:b")[:-1],
        b"Basic " + encoded("a b"),
        b"Basic " + base64.b64encode(b"\xff:b"),
        b"Basic " + encoded("a:b") + b", Basic " + encoded("c:d"),
        b"Basic " + base64.urlsafe_b64encode(b"\xfb\xff:\xfb"),
        b"Basic " + b"QQ==" * MAX_HEADER_BYTES,
    ],
)
def test_what_is_no_basic_proof_is_refused(header):
    """And the refusal does not repeat it."""
    with pytest.raises(RequestRefused) as caught:
        parse_authorization(header)
    assert 401 == caught.value.status
    assert encoded("a:b").decode() not in caught.value.message


def test_one_header_is_the_proof():
    """None is none, and two are a matter of opinion."""
    other = (b"host", b"h")
    assert find_authorization([other]) is None
    assert b"x" == find_authorization([other, (b"authorization", b"x"), other])
    assert b"" == find_authorization([(b"authorization", b"")])
    with pytest.raises(RequestRefused) as caught:
        find_authorization([(b"authorization", b"x"), other, (b"authorization", b"x")])
    assert 400 == caught.value.status


def test_a_proof_does_not_show_its_password():
    """Neither in a log nor in a traceback's frame."""
    proof = BasicProof("ann", "secret")
    for shown in (repr(proof), str(proof), f"{proof}"):
        assert "secret" not in shown
        assert "ann" in shown


def test_a_refusal_asks_for_the_login():
    """With the encoding in which a name and a password are to be sent."""
    refusal = unauthenticated("log in")
    assert (401, "UNAUTHENTICATED") == (refusal.status, refusal.error_code)
    assert {"WWW-Authenticate": 'Basic realm="Penstock", charset="UTF-8"'} == refusal.headers
