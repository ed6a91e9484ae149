"""JWTs that programs bring as proof of identity."""

import asyncio
import time
from collections.abc import Mapping

from penstock.errors import IdentityRefused
from penstock.gateway.auth.prover import Proven
from penstock.gateway.oidc.claims import expiry
from penstock.gateway.oidc.identities import Identities
from penstock.gateway.oidc.jwt import parse_jwt
from penstock.gateway.oidc.person import read_person
from penstock.gateway.oidc.provider import Provider
from penstock.gateway.permissions.subject import Subject


class ProviderJwts:
    """Proves who brings a JWT, by the provider that issued it."""

    def __init__(self, providers: Mapping[str, Provider], identities: Identities) -> None:
        self._by_issuer = {one.settings.issuer: one for one in providers.values()}
        self._identities = identities

    async def prove(self, jwt: str) -> Proven:
        """Return what a JWT proves. Raises IdentityRefused, ProviderUnavailable."""
        parsed = parse_jwt(jwt)
        issuer = parsed.claims.get("iss")
        provider = self._by_issuer.get(issuer) if isinstance(issuer, str) else None
        if provider is None:
            raise IdentityRefused("this JWT is of an issuer that is not known here")
        settings = provider.settings
        claims = await provider.verify(parsed, audiences=settings.audiences)
        person = read_person(claims, settings)
        user = await asyncio.to_thread(self._identities.log_in, settings, person)
        subject = Subject(user.id, user.email, user.is_admin)
        return Proven(subject, max(0.0, expiry(claims) - time.time()))
