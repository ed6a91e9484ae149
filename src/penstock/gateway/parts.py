"""The parts of one gateway; they live as long as the app."""

from dataclasses import dataclass

from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.passwords import Passwords
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.permissions.keeper import GrantKeeper
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.scopes import GrantScopes
from penstock.gateway.proxy.request_body import BodyReader
from penstock.gateway.proxy.search.searcher import MlflowSearcher
from penstock.gateway.proxy.server_info import ServerInfo
from penstock.gateway.proxy.targets.lookup import MlflowLookup
from penstock.gateway.proxy.upstream import Upstream
from penstock.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is made of."""

    settings: GatewaySettings
    database: Database
    proven: ProvenCredentials
    accounts: Accounts
    upstream: Upstream
    server_info: ServerInfo
    bodies: BodyReader
    scopes: GrantScopes
    keeper: GrantKeeper
    lookup: MlflowLookup
    searcher: MlflowSearcher


def make_parts(settings: GatewaySettings, *, passwords: Passwords | None = None) -> Parts:
    """Make the parts; nothing is connected yet. Raises ConfigurationError."""
    database = Database(open_engine(settings.resolved_database_url))
    proven = ProvenCredentials(settings.credential_seconds)
    accounts = Accounts(database, passwords or Passwords(), on_change=proven.forget)
    upstream = Upstream(settings.upstream_url, connect_seconds=settings.upstream_connect_seconds)
    bodies = BodyReader(limit=settings.max_body_bytes, idle_seconds=settings.client_idle_seconds)
    return Parts(
        settings=settings,
        database=database,
        proven=proven,
        accounts=accounts,
        upstream=upstream,
        server_info=ServerInfo(upstream),
        bodies=bodies,
        scopes=GrantScopes(database, default=Level[settings.default_level]),
        keeper=GrantKeeper(database),
        lookup=MlflowLookup(upstream),
        searcher=MlflowSearcher(upstream),
    )
