"""All that a gateway has of OpenID Connect; it lives as long as the app."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from penstock.gateway.db.database import Database
from penstock.gateway.oidc.flow import Flows
from penstock.gateway.oidc.identities import Identities
from penstock.gateway.oidc.jwt_proofs import ProviderJwts
from penstock.gateway.oidc.login import ProviderLogins
from penstock.gateway.oidc.provider import Provider
from penstock.gateway.oidc.provider_web import ProviderWeb
from penstock.gateway.oidc.signature import check_library
from penstock.gateway.permissions.subject import UserId
from penstock.gateway.provider_settings import ProviderSettings
from penstock.gateway.sealed_text import Derives


@dataclass(frozen=True, slots=True)
class Federation:
    """The providers of one gateway: for programs (None without any), and for browsers."""

    jwts: ProviderJwts | None
    logins: ProviderLogins
    web: ProviderWeb

    async def close(self) -> None:
        """Close the connections to the providers."""
        await self.web.close()


def make_federation(
    configured: Sequence[ProviderSettings],
    database: Database,
    *,
    secret_key: Derives,
    on_user_change: Callable[[UserId], None],
    on_group_change: Callable[[], None],
) -> Federation:
    """Make it; no provider is asked anything yet.

    Raises ConfigurationError where providers are configured and the library is missing.
    """
    if configured:
        check_library()
    web = ProviderWeb()
    providers = {one.name: Provider(one, web) for one in configured}
    identities = Identities(
        database, on_user_change=on_user_change, on_group_change=on_group_change
    )
    return Federation(
        jwts=ProviderJwts(providers, identities) if providers else None,
        logins=ProviderLogins(providers, identities, Flows(secret_key)),
        web=web,
    )
