"""One provider: what it publishes, and the tokens that it has signed."""

import asyncio
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import structlog

from penstock.errors import IdentityRefused, ProviderUnavailable
from penstock.gateway.oidc.claims import Expected, check_claims, check_type
from penstock.gateway.oidc.jwt import Jwt
from penstock.gateway.oidc.kept import Kept
from penstock.gateway.oidc.metadata import Metadata, metadata_url, read_metadata
from penstock.gateway.oidc.provider_web import ProviderWeb
from penstock.gateway.oidc.signature import KEY_TYPES, VerificationKey, is_signed, read_keys
from penstock.gateway.provider_settings import ProviderSettings

log = structlog.get_logger()


class Provider:
    """One configured provider. Nothing is fetched before it is needed."""

    def __init__(
        self,
        settings: ProviderSettings,
        web: ProviderWeb,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.web = web
        self._now = now
        self._metadata = Kept(self._fetch_metadata)
        self._keys = Kept(self._fetch_keys)

    async def metadata(self) -> Metadata:
        """Return where the provider's endpoints are. Raises ProviderUnavailable."""
        return await self._metadata.get()

    async def verify(self, jwt: Jwt, *, audiences: AbstractSet[str]) -> Mapping[str, Any]:
        """Return the claims of a token of this provider, proven and checked.

        Raises IdentityRefused, saying why, or ProviderUnavailable.
        """
        if jwt.algorithm not in KEY_TYPES:
            raise IdentityRefused("this JWT is not signed in a way that counts here")
        check_type(jwt.header)
        # Before the signature: what could not count anyhow costs no fetch of keys.
        expected = Expected(self.settings.issuer, audiences)
        check_claims(jwt.claims, expected, now=self._now())
        if not await self._is_signed(jwt):
            raise IdentityRefused("this JWT is not signed by its issuer")
        return jwt.claims

    async def _is_signed(self, jwt: Jwt) -> bool:
        keys = await self._keys.get()
        known = any(key.serves(jwt) for key in keys)
        if known and await asyncio.to_thread(is_signed, jwt, keys):
            return True
        if known and jwt.key_id is not None:
            return False
        # The provider may have changed its keys since.
        return await asyncio.to_thread(is_signed, jwt, await self._keys.get_newest())

    async def _fetch_metadata(self) -> Metadata:
        issuer = self.settings.issuer
        document = await self.web.get_document(metadata_url(issuer))
        try:
            return read_metadata(document, issuer)
        except ProviderUnavailable as error:
            log.warning("identity provider cannot be used", issuer=issuer, reason=str(error))
            raise

    async def _fetch_keys(self) -> tuple[VerificationKey, ...]:
        address = (await self.metadata()).keys_url
        document = await self.web.get_document(address)
        return await asyncio.to_thread(read_keys, document)
