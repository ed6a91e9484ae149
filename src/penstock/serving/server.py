"""Run the inference server."""

import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

import uvicorn

from penstock.errors import ConfigurationError, PenstockError
from penstock.models.flavours import load_scoring
from penstock.models.manager import ModelManager
from penstock.serving.aim import Aim
from penstock.serving.app import ServingApp
from penstock.serving.assembly import create_app
from penstock.serving.meter import share_meters
from penstock.serving.on_ray import run_on_ray
from penstock.serving.protocol import bounded_protocol
from penstock.serving.settings import ServeSettings
from penstock.serving.supervisor import CANNOT_START, Birth, Supervisor

KEEP_ALIVE_SECONDS: Final = 75
SHUT_DOWN_SECONDS: Final = 10
SWITCH_SECONDS: Final = 0.0005
"""How long a model's code may hold up the loop that answers; Python's own limit is ten times it."""

log = logging.getLogger("penstock.serving")


def run(aim: Aim, settings: ServeSettings) -> None:
    """Serve until SIGTERM or SIGINT, then end the requests under way and return.

    Raises PenstockError when the server cannot start: wrong settings, port taken.
    """
    configure_logging()
    if settings.engine == "ray":
        run_on_ray(aim, settings)
        return
    with listen(settings) as listener:
        if settings.workers == 1:
            serve(create_app(aim, settings, manager=ModelManager()), settings, listener)
            return
        with tempfile.TemporaryDirectory(prefix="penstock-serve-") as folder:
            share_meters(Path(folder))
            # What takes seconds to import is imported once: workers share it, and start at once.
            load_scoring()
            Supervisor(
                lambda birth: _work(aim, settings, listener, birth), workers=settings.workers
            ).run()


def serve(app: ServingApp, settings: ServeSettings, listener: socket.socket) -> None:
    """Serve on a socket until a signal comes."""
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has shut down; by then it has been obeyed.
        signal.signal(number, lambda *_: None)
    uvicorn.Server(server_config(app, settings)).run(sockets=[listener])


def _work(aim: Aim, settings: ServeSettings, listener: socket.socket, birth: Birth) -> int:
    """Be a worker; return its exit code."""
    threading.Thread(target=_end_with, args=(birth.lifeline,), daemon=True).start()
    try:
        app = create_app(aim, settings, manager=ModelManager())
    except PenstockError as error:
        log.error("%s", error)  # noqa: TRY400 - an expected one, without its traceback
        return CANNOT_START
    # While others answer, a worker takes no request that it cannot answer yet.
    app.loads_first = True
    serve(app, settings, listener)
    return 0


def _end_with(lifeline: int) -> None:
    """End this process when its supervisor ends, however that ends."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


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


def server_config(app: ServingApp, settings: ServeSettings) -> uvicorn.Config:
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


def configure_logging() -> None:
    """Log to standard error; of the libraries only what is wrong."""
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    log.setLevel(logging.INFO)
