"""Run the inference server."""

import logging
import sys

from penstock.models.manager import ModelManager
from penstock.serving.aim import Aim
from penstock.serving.assembly import create_app
from penstock.serving.http_server import listen, serve
from penstock.serving.on_ray import run_on_ray
from penstock.serving.settings import ServeSettings
from penstock.serving.workers.crew import run_crew

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
        else:
            run_crew(aim, settings, listener)


def configure_logging() -> None:
    """Log to standard error; of the libraries only what is wrong."""
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    log.setLevel(logging.INFO)
