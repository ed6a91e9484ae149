"""One socket, and HTTP spoken on it by uvicorn."""

import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import uvicorn

from penstock.errors import ConfigurationError
from penstock.serving.exchange import Receive, Scope, Send
from penstock.serving.protocol import bounded_protocol
from penstock.serving.settings import ServeSettings

KEEP_ALIVE_SECONDS: Final = 75
SHUT_DOWN_SECONDS: Final = 10
SWITCH_SECONDS: Final = 0.0005
"""How long a model's code may hold up the loop that answers; Python's own limit is ten times it."""

App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("penstock.serving")


def serve(app: App, settings: ServeSettings, listener: socket.socket) -> None:
    """Serve on a socket until a signal comes."""
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has shut down; by then it has been obeyed.
        signal.signal(number, lambda *_: None)
    uvicorn.Server(_config(app, settings)).run(sockets=[listener])


def listen(settings: ServeSettings) -> socket.socket:
    """Return a listening socket. Raises ConfigurationError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}; "
            "choose another with --host and --port, or end the program that uses it"
        ) from error
    host, port = listener.getsockname()[:2]
    log.info("listening on http://%s:%s", f"[{host}]" if ":" in host else host, port)
    return listener


def _config(app: App, settings: ServeSettings) -> uvicorn.Config:
    """Return how uvicorn runs the server."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=bounded_protocol(settings.client_seconds),
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUT_DOWN_SECONDS,
    )
