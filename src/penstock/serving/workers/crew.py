"""A server of several processes: one dispatcher, and the workers that it hands requests to."""

import logging
import os
import signal
import socket
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from penstock.errors import ConfigurationError, PenstockError
from penstock.models.flavours import load_scoring
from penstock.models.manager import ModelManager
from penstock.serving.aim import Aim
from penstock.serving.assembly import create_app, folder_of
from penstock.serving.http_server import serve
from penstock.serving.ledger import Ledger
from penstock.serving.meter import share_meters
from penstock.serving.settings import ServeSettings
from penstock.serving.workers.dispatcher import Dispatcher
from penstock.serving.workers.pulse import Pulse
from penstock.serving.workers.supervisor import (
    CANNOT_START,
    FROZEN_SECONDS,
    STOP_SECONDS,
    Birth,
    Supervisor,
)
from penstock.serving.workers.worker import answer

BACKLOG: Final = 16

log = logging.getLogger("penstock.serving")


def run_crew(aim: Aim, settings: ServeSettings, listener: socket.socket) -> None:
    """Serve with several workers until SIGTERM or SIGINT. Raises PenstockError."""
    # Made once: workers that made the same database at the same time would lock each other out.
    Ledger(folder_of(aim, settings)).open(aim.name)
    with tempfile.TemporaryDirectory(prefix="penstock-serve-") as name, ExitStack() as opened:
        folder = Path(name)
        share_meters(folder)
        # What takes seconds to import is imported once: workers share it, and start at once.
        load_scoring()
        places = [folder / f"worker-{number}" for number in range(1, settings.workers + 1)]
        # Held here, they outlive the workers: whoever connects meanwhile meets the successor.
        sockets = [opened.enter_context(_listen(place)) for place in places]

        def work(birth: Birth) -> int:
            threading.Thread(target=_end_with, args=(birth.lifeline,), daemon=True).start()
            if birth.place:
                return _work(aim, settings, sockets[birth.place - 1], birth.pulse)
            serve(Dispatcher(places, settings, birth.pulse), settings, listener)
            return 0

        names = ["dispatcher", *(place.name for place in places)]
        # What it was asked may take as long.
        frozen = max(FROZEN_SECONDS, settings.seconds)
        Supervisor(work, names=names, frozen_seconds=frozen).run()


def _work(aim: Aim, settings: ServeSettings, listener: socket.socket, pulse: Pulse) -> int:
    """Be a worker; return its exit code."""
    try:
        app = create_app(aim, settings, manager=ModelManager())
    except PenstockError as error:
        log.error("%s", error)  # noqa: TRY400 - an expected one, without its traceback
        return CANNOT_START
    answer(app, listener, pulse)
    return 0


def _end_with(lifeline: int) -> None:
    """End this process when its supervisor ends, however that ends; at last without asking."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _listen(place: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(place))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot make the socket {place}: {error}; set TMPDIR to a folder of this machine "
            "with a short path"
        ) from error
    listener.listen(BACKLOG)
    return listener
