"""What a provider tells of itself is believed as far as it can be safe."""

import pytest

from penstock.errors import ProviderUnavailable
from penstock.gateway.oidc.metadata import metadata_url, read_metadata

ISSUER = "https://id.example.org/realm"
TOLD = {
    "issuer": ISSUER,
    "jwks_uri": f"{ISSUER}/keys",
    "authorization_endpoint": f"{ISSUER}/auth?realm=1",
    "token_endpoint": "https://tokens.example.org",
    "userinfo_endpoint": f"{ISSUER}/me",
}


def test_a_provider_tells_where_it_is():
    """On hosts of its choice."""
    metadata = read_metadata(TOLD, ISSUER)
    assert (TOLD["jwks_uri"], TOLD["authorization_endpoint"], TOLD["token_endpoint"]) == (
        metadata.keys_url,
        metadata.authorization_url,
        metadata.token_url,
    )
    assert (TOLD["userinfo_endpoint"], False) == (metadata.person_url, metadata.names_itself)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://h", "https://h/.well-known/openid-configuration"),
        ("https://h/", "https://h/.well-known/openid-configuration"),
        ("https://h/a", "https://h/a/.well-known/openid-configuration"),
    ],
)
def test_its_document_lies_below_its_name(issuer, url):
    """Also where the name ends in a slash."""
    assert url == metadata_url(issuer)


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", ISSUER.upper(), "https://other", None, [ISSUER]])
def test_another_issuer_s_document_does_not_count(issuer):
    """Whose tokens could not be told apart."""
    with pytest.raises(ProviderUnavailable, match="another name"):
        read_metadata({**TOLD, "issuer": issuer}, ISSUER)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.org/keys",
        "http://127.0.0.1/keys",
        "urn:keys",
        "file:///etc/passwd",
        "",
        None,
        1,
        "https://a@h/",
    ],
)
def test_an_unsafe_address_is_none(url):
    """Nothing is sent there, and no keys are taken from there."""
    with pytest.raises(ProviderUnavailable, match="where its keys are"):
        read_metadata({**TOLD, "jwks_uri": url}, ISSUER)
    without = read_metadata({**TOLD, "authorization_endpoint": url, "token_endpoint": url}, ISSUER)
    assert (None, None) == (without.authorization_url, without.token_url)


@pytest.mark.parametrize(
    ("methods", "in_form"),
    [
        (None, False),
        ("client_secret_post", False),
        (["client_secret_basic", "client_secret_post"], False),
        (["client_secret_post", "none"], True),
        (["none"], False),
    ],
)
def test_the_secret_travels_as_the_provider_wants(methods, in_form):
    """By HTTP Basic wherever that will do."""
    told = {**TOLD, "token_endpoint_auth_methods_supported": methods}
    assert in_form is read_metadata(told, ISSUER).takes_secret_in_form
