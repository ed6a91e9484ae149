"""The authorization code flow with one provider (OpenID Connect Core, RFC 7636, RFC 9207)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import structlog

from penstock.errors import IdentityRefused, ProviderUnavailable, RequestRefused
from penstock.gateway.auth.random_secret import make_secret
from penstock.gateway.oidc.claims import check_login
from penstock.gateway.oidc.jwt import parse_jwt
from penstock.gateway.oidc.metadata import Metadata
from penstock.gateway.oidc.person import lacks_claims
from penstock.gateway.oidc.provider import Provider

log = structlog.get_logger()

OK: Final = 200

BEGIN_AGAIN: Final = "the identity provider does not accept this login any more; begin again"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one login alone knows: `state` for the way back, `nonce` for the token, `verifier`."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def make(cls) -> "Secrets":
        """Return new ones."""
        return cls(*(make_secret() for _ in range(3)))

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    def as_dict(self) -> dict[str, str]:
        """Return them by name."""
        return asdict(self)


async def authorization_url(provider: Provider, secret: Secrets, *, redirect_uri: str) -> str:
    """Return where a browser begins a login. Raises RequestRefused (404), ProviderUnavailable."""
    settings = provider.settings
    if not settings.client_id:
        raise _no_logins()
    address = (await provider.metadata()).authorization_url
    if address is None:
        raise _no_logins()
    question = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scopes,
        "state": secret.state,
        "nonce": secret.nonce,
        "code_challenge": secret.challenge,
        "code_challenge_method": "S256",
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(question)}"


async def redeem(
    provider: Provider, secret: Secrets, *, code: str, redirect_uri: str
) -> Mapping[str, Any]:
    """Return the proven claims that a code stands for, with what the provider tells beside them.

    Raises IdentityRefused, ProviderUnavailable.
    """
    answer = await _exchange(provider, secret, code=code, redirect_uri=redirect_uri)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderUnavailable("the identity provider gives no ID token; is 'openid' allowed?")
    client_id = provider.settings.client_id
    claims = await provider.verify(parse_jwt(token), audiences={client_id})
    check_login(claims, client_id=client_id, nonce=secret.nonce)
    return await _completed(provider, claims, access_token=answer.get("access_token"))


async def _exchange(
    provider: Provider, secret: Secrets, *, code: str, redirect_uri: str
) -> Mapping[str, Any]:
    metadata = await provider.metadata()
    if metadata.token_url is None:
        raise _no_logins()
    fields, headers = _client_proof(provider, metadata)
    fields |= {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": secret.verifier,
    }
    answer = await provider.web.post_form(metadata.token_url, fields, headers=headers)
    if answer.status == OK:
        return answer.document
    error = answer.document.get("error")
    log.warning(
        "identity provider refuses a code",
        provider=provider.settings.name,
        status=answer.status,
        error=error if isinstance(error, str) else None,
    )
    if error == "invalid_grant":
        raise IdentityRefused(BEGIN_AGAIN)
    raise ProviderUnavailable("the identity provider refuses the gateway; its log says more")


def _client_proof(
    provider: Provider, metadata: Metadata
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the fields and headers by which the provider knows the gateway (RFC 6749, 2.3.1)."""
    settings = provider.settings
    if settings.client_secret is None:
        return {"client_id": settings.client_id}, []
    secret = settings.client_secret.get_secret_value()
    if metadata.takes_secret_in_form:
        return {"client_id": settings.client_id, "client_secret": secret}, []
    pair = f"{quote_plus(settings.client_id)}:{quote_plus(secret)}".encode("ascii")
    return {}, [("authorization", f"Basic {base64.b64encode(pair).decode('ascii')}")]


async def _completed(
    provider: Provider, claims: Mapping[str, Any], *, access_token: object
) -> Mapping[str, Any]:
    """Add what only the provider's userinfo endpoint tells; the ID token's own claims win."""
    address = (await provider.metadata()).person_url
    if (
        address is None
        or not isinstance(access_token, str)
        or not lacks_claims(claims, provider.settings)
    ):
        return claims
    told = await provider.web.get_document(address, token=access_token)
    if told.get("sub") != claims["sub"]:
        raise IdentityRefused("the identity provider speaks of two people at once")
    return {**told, **claims}


def _no_logins() -> RequestRefused:
    return RequestRefused(
        404, "ENDPOINT_NOT_FOUND", "this identity provider has no login for browsers"
    )
