"""The parts of one gateway; they live as long as the app."""

from dataclasses import dataclass

from sqlalchemy import Engine

from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.passwords import Passwords
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.db.engine import open_engine
from penstock.gateway.proxy.request_body import BodyReader
from penstock.gateway.proxy.server_info import ServerInfo
from penstock.gateway.proxy.upstream import Upstream
from penstock.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is made of."""

    settings: GatewaySettings
    engine: Engine
    proven: ProvenCredentials
    accounts: Accounts
    upstream: Upstream
    server_info: ServerInfo
    bodies: BodyReader


def make_parts(settings: GatewaySettings, *, passwords: Passwords | None = None) -> Parts:
    """Make the parts; nothing is connected yet. Raises ConfigurationError."""
    engine = open_engine(settings.resolved_database_url)
    proven = ProvenCredentials(settings.credential_seconds)
    accounts = Accounts(engine, passwords or Passwords(), on_change=proven.forget)
    upstream = Upstream(settings.upstream_url, connect_seconds=settings.upstream_connect_seconds)
    bodies = BodyReader(limit=settings.max_body_bytes, idle_seconds=settings.client_idle_seconds)
    return Parts(settings, engine, proven, accounts, upstream, ServerInfo(upstream), bodies)
