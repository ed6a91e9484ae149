"""Make the gateway as an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.errors import PenstockError
from penstock.gateway.api.app import create_api
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.db.migrate import migrate
from penstock.gateway.entry import Entry
from penstock.gateway.parts import Parts, make_parts
from penstock.gateway.proxy.forward import Forwarder
from penstock.gateway.proxy.routes import route_table
from penstock.gateway.settings import GatewaySettings

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
        self._entry: ASGIApp = Entry(
            route_table(),
            Authenticator(parts.accounts, parts.proven),
            forwarder=Forwarder(parts.upstream, parts.settings),
            server_info=parts.server_info,
            own_api=create_api(parts),
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
        await asyncio.to_thread(_prepare, parts)
        learning = asyncio.create_task(parts.server_info.keep_learning())
        try:
            yield
        finally:
            learning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await learning
            await parts.upstream.close()
            parts.engine.dispose()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except PenstockError as error:
            self.failure = error
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})


def _prepare(parts: Parts) -> None:
    migrate(parts.engine)
    settings = parts.settings
    if settings.admin_password is not None:
        made = parts.accounts.add_first_administrator(
            settings.admin_username, settings.admin_password.get_secret_value()
        )
        if made is not None:
            log.info("administrator created", email=made.email)
    elif not parts.accounts.has_administrator():
        log.warning(
            "there is no administrator: set PENSTOCK_ADMIN_PASSWORD and start again, "
            "or run `penstock user add --admin --data DIR`"
        )
