"""Run the inference server in this process, and its models on a Ray cluster beside others."""

import os
import signal
import socket
import threading
import time
from typing import Any

from penstock.errors import ClusterUnavailable
from penstock.models.manager import ModelManager
from penstock.serving.aim import Aim
from penstock.serving.app import ServingApp
from penstock.serving.assembly import assemble, folder_of, limits_of, make_source
from penstock.serving.engines import ray
from penstock.serving.engines.calls import unwrap
from penstock.serving.engines.distant import DistantEngine
from penstock.serving.engines.keeper import Keeper
from penstock.serving.http_server import listen, serve
from penstock.serving.ledger import Ledger
from penstock.serving.meter import Meter
from penstock.serving.on_ray import (
    MOST_SILENCE,
    WATCH_SECONDS,
    RayServer,
    end_all,
    make_keeper,
    make_server,
)
from penstock.serving.records import Records
from penstock.serving.server import configure_logging
from penstock.serving.settings import ServeSettings


def run_beside_ray(aim: Aim, settings: ServeSettings) -> None:
    """Serve on a port of this machine until SIGTERM or SIGINT, then end its models on the cluster.

    A cluster may have any number of such servers, also of one aim if their folders differ.
    Raises PenstockError when the server cannot start, or its models are taken from it.
    """
    configure_logging()
    place = f"{socket.gethostname()}:{settings.folder.absolute()}"
    server = make_server(aim, settings, place=place)
    with listen(settings) as listener:
        ray.join(settings.ray_address)
        try:
            ray.be_guest()
            _serve(server, listener)
            end_all(server.cluster.list_names())
        finally:
            ray.leave()


def _serve(server: RayServer, listener: socket.socket) -> None:
    keeper = make_keeper(server)
    app = _make_app(server, keeper)
    watcher = _Watcher(server, keeper)
    watcher.start()
    try:
        serve(app, server.settings, listener)
    finally:
        watcher.stop()
    if watcher.error is not None:
        raise watcher.error


def _make_app(server: RayServer, keeper: Keeper) -> ServingApp:
    aim, settings, meter = server.aim, server.settings, Meter()
    engine = DistantEngine(
        _Present(keeper),
        ray.find_peer,
        limits_of(settings),
        renew_seconds=server.lease_seconds / 4,
        observe_batch=meter.predicted,
    )
    records = Records(aim.name, Ledger(folder_of(aim, settings)), meter=meter)
    return assemble(
        aim, make_source(aim, ModelManager()), engine, settings=settings, records=records
    )


class _Present:
    """The keeper in this very process, asked like one on the cluster."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        return unwrap(await getattr(self._keeper, method)(*arguments))


class _Watcher:
    """Ends this process with an error when the cluster, or what it has there, is gone."""

    def __init__(self, server: RayServer, keeper: Keeper) -> None:
        self.error: ClusterUnavailable | None = None
        self._server = server
        self._keeper = keeper
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._watch()
        except ClusterUnavailable as error:
            self.error = error
            os.kill(os.getpid(), signal.SIGTERM)

    def _watch(self) -> None:
        seen: set[str] = set()
        heard = time.monotonic()
        while not self._is_over.wait(WATCH_SECONDS):
            ended = self._keeper.ended
            try:
                found = set(self._server.cluster.list_names())
            except ClusterUnavailable:
                if time.monotonic() - heard > MOST_SILENCE:
                    raise
                continue
            heard = time.monotonic()
            # What could not be loaded, or nobody holds any more, is ended by us.
            if not found and seen - ended - self._keeper.ended:
                raise ClusterUnavailable(
                    f"somebody has ended the models of '{self._server.name}' on the cluster"
                )
            seen = found
