"""Only the provider's own keys, used as they are meant, make a signature."""

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from issuer import KEYS, claims, jwks, signed, signed_with_public_key, unsigned
from penstock.errors import ConfigurationError
from penstock.gateway.oidc import signature
from penstock.gateway.oidc.jwt import parse_jwt
from penstock.gateway.oidc.signature import check_library, is_signed, read_keys

ALL = read_keys(jwks())
PAIRS = [
    *((name, "rsa") for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    ("ES256", "p256"),
    ("ES384", "p384"),
    ("ES512", "p521"),
    ("EdDSA", "ed"),
    ("Ed25519", "ed"),
]


@pytest.mark.parametrize(("algorithm", "key"), PAIRS)
def test_a_signature_of_the_provider_counts(algorithm, key):
    """Of every asymmetric algorithm that providers use, without a warning."""
    assert is_signed(parse_jwt(signed(claims(), algorithm=algorithm, key=key)), ALL)


@pytest.mark.parametrize(("algorithm", "key"), PAIRS)
def test_a_changed_token_is_not_signed(algorithm, key):
    """Not in what it says, nor in how it says that it is signed, nor in the signature."""
    head, body, end = signed(claims(), algorithm=algorithm, key=key).split(".")
    other_head, other_body, other_signature = signed(
        claims(sub="ben"), algorithm=algorithm, key=key, header={"x": 1}
    ).split(".")
    for text in (
        f"{other_head}.{body}.{end}",
        f"{head}.{other_body}.{end}",
        f"{head}.{body}.{other_signature}",
        f"{head}.{body}.{end[:-4]}",
        f"{head}.{body}.",
    ):
        assert not is_signed(parse_jwt(text), ALL), text


def test_no_signature_is_none():
    """However the token calls that."""
    for name in ("none", "None", "NONE", "", "nOnE"):
        assert not is_signed(parse_jwt(unsigned(claims(), alg=name)), ALL)


@pytest.mark.parametrize("key", ["rsa", "p256", "ed"])
def test_a_public_key_is_no_secret(key):
    """Whoever has it could otherwise sign with it as with a password."""
    assert not is_signed(parse_jwt(signed_with_public_key(claims(), key=key)), ALL)


def test_a_secret_among_the_keys_is_no_key():
    """A provider that publishes one has published it."""
    secret = OctKey.generate_key(256, {"kid": "rsa"})
    assert () == read_keys({"keys": [secret.as_dict()]})


def test_the_key_that_a_token_names_counts_alone():
    """Or any that fits, if it names none."""
    assert not is_signed(parse_jwt(signed(claims(), header={"kid": "p256"})), ALL)
    assert not is_signed(parse_jwt(signed(claims(), header={"kid": "unknown"})), ALL)
    assert not is_signed(parse_jwt(signed(claims(), header={"kid": 1})), ALL)
    assert is_signed(parse_jwt(signed(claims(), header={"kid": None})), ALL)


def test_a_key_that_a_token_brings_along_does_not_count():
    """Neither itself nor where it lies."""
    foreign = RSAKey.generate_key(2048)
    header = {"kid": None, "jwk": KEYS["rsa"].as_dict(private=False), "jku": "https://evil"}
    keys = read_keys({"keys": [foreign.as_dict(private=False)]})
    assert not is_signed(parse_jwt(signed(claims(), header=header)), keys)


def test_a_key_serves_the_algorithm_that_its_owner_says():
    """And those for encryption serve none."""
    rsa = jwks("rsa")["keys"][0]
    for others, serves in (
        ({"alg": "RS256"}, True),
        ({"alg": "RS512"}, False),
        ({"alg": "RSA-OAEP"}, False),
        ({"use": "enc"}, False),
        ({"key_ops": ["verify"]}, True),
        ({"key_ops": ["encrypt"]}, False),
    ):
        keys = read_keys({"keys": [{**rsa, **others}]})
        assert serves == is_signed(parse_jwt(signed(claims())), keys), others
    edwards = jwks("ed")["keys"][0]
    named = read_keys({"keys": [{**edwards, "alg": "EdDSA"}]})
    assert is_signed(parse_jwt(signed(claims(), algorithm="Ed25519", key="ed")), named)


def test_an_elliptic_curve_serves_its_own_algorithm():
    """ES256 is P-256 alone."""
    keys = read_keys(jwks("p384"))
    header = {"kid": "p384"}
    assert not is_signed(
        parse_jwt(signed(claims(), algorithm="ES256", key="p256", header=header)), keys
    )


def test_a_short_key_does_not_count():
    """Of RSA at least 2048 bits (RFC 7518, 3.3)."""
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "rsa"}).as_dict(private=False)
    assert () == read_keys({"keys": [short]})


@pytest.mark.parametrize(
    "row",
    [
        1,
        {},
        {"kty": "RSA"},
        {"kty": "RSA", "n": "AQ", "e": "AQ"},
        {"kty": "RSA", "n": 1, "e": 2},
        {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {"kty": "EC", "crv": "none", "x": "AQ", "y": "AQ"},
        {"kty": "OKP", "crv": "Ed25519", "x": "?"},
        {"kty": "AKP", "alg": "ML-DSA-44"},
        {"kty": ["RSA"]},
    ],
)
def test_what_is_no_key_is_passed_over(row):
    """The others of the same set still count."""
    keys = read_keys({"keys": [row, *jwks("rsa")["keys"]]})
    assert ["rsa"] == [key.key_id for key in keys]


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": []}])
def test_no_keys_are_none(document):
    """Whatever a provider says instead."""
    assert () == read_keys(document)


def test_a_missing_library_stops_the_start(monkeypatch):
    """With the command that installs it, and not with the first login."""
    check_library()
    monkeypatch.setattr(signature, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'penstock\[oidc\]'"):
        check_library()
