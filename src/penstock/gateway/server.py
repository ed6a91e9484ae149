"""Run the gateway as a server."""

import logging
import signal
import socket
import sys

import structlog
import uvicorn

from penstock.errors import ConfigurationError
from penstock.gateway.app import GatewayApp, create_app
from penstock.gateway.heap import keep_little
from penstock.gateway.protocol import bounded_protocol
from penstock.gateway.settings import GatewaySettings

log = structlog.get_logger()

KEEP_ALIVE_SECONDS = 75
SHUT_DOWN_SECONDS = 1


def run(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT, then end the requests under way and return.

    Raises PenstockError when the gateway cannot start: wrong settings, no database, port taken.
    """
    keep_little()
    configure_logging()
    app = create_app(settings)
    listener = _listen(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has shut down; by then it has been obeyed.
        signal.signal(number, lambda *_: None)
    with listener:
        _serve(app, settings, listener)
    if app.failure is not None:
        raise app.failure


def _serve(app: GatewayApp, settings: GatewaySettings, listener: socket.socket) -> None:
    try:
        _Server(server_config(app, settings)).run(sockets=[listener])
    except SystemExit:
        # uvicorn's way to end when the app has not started up; the app knows the reason.
        if app.failure is None:
            raise


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            log.info("gateway is listening", host=host, port=port)


def _listen(settings: GatewaySettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}; "
            "choose another with --host and --port, or end the program that uses it"
        ) from error


def server_config(app: GatewayApp, settings: GatewaySettings) -> uvicorn.Config:
    """Return how uvicorn runs the gateway."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=bounded_protocol(head_seconds=settings.client_idle_seconds),
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUT_DOWN_SECONDS,
    )


def configure_logging() -> None:
    """Log to standard error: for people on a terminal, as JSON lines elsewhere."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    on_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
