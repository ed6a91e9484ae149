"""Logins of browsers: there to the provider, and back."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from penstock.errors import IdentityRefused, RequestRefused
from penstock.gateway.db.users import User
from penstock.gateway.oidc.code_flow import authorization_url, redeem
from penstock.gateway.oidc.flow import Flow, Flows
from penstock.gateway.oidc.identities import Identities
from penstock.gateway.oidc.person import read_person
from penstock.gateway.oidc.provider import Provider

log = structlog.get_logger()

BEGIN_AGAIN: Final = "this login has ended, or was begun in another browser; begin again"

_CODE = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """Where a browser has to go, and the cookie that it takes along."""

    url: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginEnded:
    """Who is back from a provider, and where they wanted to go."""

    user: User
    return_to: str


class ProviderLogins:
    """The logins of browsers with all providers."""

    def __init__(
        self, providers: Mapping[str, Provider], identities: Identities, flows: Flows
    ) -> None:
        self._providers = providers
        self._identities = identities
        self._flows = flows

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The names of the providers where browsers can log in, and what people call them."""
        settings = [one.settings for one in self._providers.values()]
        return [(one.name, one.title) for one in settings if one.client_id]

    async def begin(self, name: str, *, redirect_uri: str, return_to: str) -> LoginBegun:
        """Begin a login. Raises RequestRefused (404), ProviderUnavailable."""
        provider = self._get(name)
        flow = self._flows.begin(name, redirect_uri=redirect_uri, return_to=return_to)
        url = await authorization_url(provider, flow.secret, redirect_uri=redirect_uri)
        return LoginBegun(url, self._flows.write(flow))

    async def finish(self, name: str, answer: Mapping[str, str], *, cookie: str) -> LoginEnded:
        """End a login with what the browser brings back, and its cookie (empty for none).

        Raises RequestRefused (404), IdentityRefused, ProviderUnavailable, DatabaseUnavailable.
        """
        provider = self._get(name)
        flow = self._flows.take(cookie, provider=name, state=answer.get("state", ""))
        if flow is None:
            raise IdentityRefused(BEGIN_AGAIN)
        code = await _read_answer(provider, answer)
        claims = await redeem(provider, flow.secret, code=code, redirect_uri=flow.redirect_uri)
        return await self._arrive(provider, claims=claims, flow=flow)

    async def _arrive(
        self, provider: Provider, *, claims: Mapping[str, object], flow: Flow
    ) -> LoginEnded:
        person = read_person(claims, provider.settings, silence_is_none=True)
        user = await asyncio.to_thread(self._identities.log_in, provider.settings, person)
        log.info("login by identity provider", provider=flow.provider, email=user.email)
        return LoginEnded(user, flow.return_to)

    def _get(self, name: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None:
            raise RequestRefused(404, "ENDPOINT_NOT_FOUND", "there is no such identity provider")
        return provider


async def _read_answer(provider: Provider, answer: Mapping[str, str]) -> str:
    """Return the code that a provider sends back, if it is this provider that does."""
    issuer = answer.get("iss")
    names_itself = (await provider.metadata()).names_itself
    if issuer != provider.settings.issuer and (issuer is not None or names_itself):
        raise IdentityRefused("this login comes back from another identity provider; begin again")
    error = answer.get("error", "")
    if error:
        reason = error if _CODE.fullmatch(error) else "unknown"
        raise IdentityRefused(f"the identity provider did not log you in ({reason}); begin again")
    if not answer.get("code"):
        raise IdentityRefused("this login comes back without a code; begin again")
    return answer["code"]
