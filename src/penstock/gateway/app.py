"""Make the gateway as an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.errors import AccountError, AccountExists, ConfigurationError, PenstockError
from penstock.gateway.address import keep_address
from penstock.gateway.api.app import create_api
from penstock.gateway.api.mlflow_errand import MlflowErrands
from penstock.gateway.background import in_background
from penstock.gateway.db.migrate import migrate
from penstock.gateway.entry import Entry
from penstock.gateway.judge import Judge
from penstock.gateway.mlflow_calls import MlflowCalls
from penstock.gateway.own_calls import OwnCalls
from penstock.gateway.parts import Parts, make_parts
from penstock.gateway.proxy.call_reader import CallReader
from penstock.gateway.proxy.forward import Forwarder
from penstock.gateway.proxy.routes import route_table
from penstock.gateway.settings import GatewaySettings
from penstock.gateway.web.app import create_web

log = structlog.get_logger()


def create_app(settings: GatewaySettings) -> "GatewayApp":
    """Return the gateway. Its database is migrated, and MLflow met, when it starts up."""
    return GatewayApp(make_parts(settings))


class GatewayApp:
    """The ASGI application: start-up and shut-down, and the way of each scope.

    `failure` is why it could not start, if so.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.failure: PenstockError | None = None
        table, reader = route_table(), CallReader(parts.bodies)
        judge = Judge(parts.scopes, parts.lookup)
        mlflow = MlflowCalls(
            judge,
            Forwarder(parts.upstream, parts.settings, bodies=parts.bodies),
            searcher=parts.searcher,
            follow_ups=parts.follow_ups,
            journal=parts.journal,
        )
        errands = MlflowErrands(table, reader, mlflow, settings=parts.settings)
        self._entry: ASGIApp = Entry(
            table,
            parts.authenticator,
            reader=reader,
            mlflow=mlflow,
            own=OwnCalls(create_api(parts, errands, judge), create_web(parts), parts.server_info),
            journal=parts.journal,
            metrics=parts.metrics,
            trusted=parts.settings.proxy_networks,
            is_https=parts.settings.public_url.startswith("https:"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope. WebSockets are refused: MLflow has none."""
        if scope["type"] == "http":
            await self._entry(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Migrate, make the first administrator, and learn about MLflow while this is open."""
        parts = self.parts
        try:
            await asyncio.to_thread(_prepare, parts)
            await parts.watch.begin()
            async with in_background(
                parts.server_info.keep_learning,
                parts.watch.keep_watching,
                parts.follow_ups.keep_settling,
                parts.journal.keep_writing,
                parts.retention.keep_deleting,
                parts.deployments.keep_running,
            ):
                yield
            await parts.journal.flush()
        finally:
            await parts.deployments.close()
            await parts.rollouts.close()
            await parts.upstream.close()
            await parts.federation.close()
            parts.database.engine.dispose()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except PenstockError as error:
            self.failure = error
            await send({"type": "lifespan.startup.failed"})
            return
        await send({"type": "lifespan.shutdown.complete"})


def _prepare(parts: Parts) -> None:
    migrate(parts.database.engine)
    parts.secret_key.load(parts.database)
    keep_address(parts.database, parts.settings)
    if parts.accounts.has_administrator():
        return
    if parts.settings.admin_password is None:
        log.warning(
            "there is no administrator: set PENSTOCK_ADMIN_PASSWORD and start again, "
            "or, for SQLite, run `penstock user add EMAIL --admin --data DIR`"
        )
    else:
        _add_administrator(parts, parts.settings.admin_password.get_secret_value())


def _add_administrator(parts: Parts, password: str) -> None:
    try:
        made = parts.accounts.add_first_administrator(parts.settings.admin_username, password)
    except AccountExists as error:
        raise ConfigurationError(
            f"PENSTOCK_ADMIN_USERNAME: {error}, and there is no administrator who can log in; "
            "name another account"
        ) from error
    except AccountError as error:
        raise ConfigurationError(
            f"PENSTOCK_ADMIN_USERNAME or PENSTOCK_ADMIN_PASSWORD cannot be used: {error}"
        ) from error
    if made is not None:
        log.info("administrator created", email=made.email)
