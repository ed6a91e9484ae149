"""Run the inference server on a Ray cluster: routers, and a deployment for each model."""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from penstock.errors import ClusterUnavailable, ConfigurationError
from penstock.models.manager import ModelManager
from penstock.serving.aim import Aim
from penstock.serving.app import ServingApp
from penstock.serving.archive import Archive, DistantLedger
from penstock.serving.assembly import assemble, folder_of, limits_of, make_source
from penstock.serving.engines import ray
from penstock.serving.engines.calls import Peer
from penstock.serving.engines.cluster_words import slug
from penstock.serving.engines.distant import DistantEngine
from penstock.serving.engines.keeper import Keeper
from penstock.serving.engines.staff import Scale, Staff
from penstock.serving.meter import Meter
from penstock.serving.records import Records
from penstock.serving.settings import ServeSettings
from penstock.serving.signals import wait_for

WATCH_SECONDS: Final = 2.0
MOST_SILENCE: Final = 60.0
"""For how many seconds a cluster may be silent, as while it replaces what has died."""

END_SECONDS: Final = 30.0
"""How long the last requests of a server that ends may take."""

_STOP: Final = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger("penstock.serving")


@dataclass(frozen=True, slots=True)
class RayServer:
    """What every process of a server on a cluster is told: what to serve, and how.

    `place` tells it from other servers of the same aim on the cluster, where there may be some.
    """

    aim: Aim
    settings: ServeSettings
    place: str = ""

    @property
    def name(self) -> str:
        """What the cluster calls it: readable, and of this aim and place alone."""
        key = blake2b(f"{self.aim.key}{self.place}".encode(), digest_size=4).hexdigest()
        return f"penstock-{slug(self.aim.name)}-{key}"

    @property
    def lease_seconds(self) -> float:
        """How long a model stays that no router has said it holds; some looks at the plan."""
        return max(10.0, 5 * self.settings.poll_seconds)

    @property
    def cluster(self) -> ray.RayCluster:
        """Where its models are."""
        settings = self.settings
        scale = Scale(
            settings.min_replicas,
            settings.max_replicas,
            settings.replica_cpus,
            settings.grow_seconds,
            settings.shrink_seconds,
        )
        return ray.RayCluster(self.name, limits_of(settings), scale)

    @property
    def staff(self) -> Staff:
        """What it is made of."""
        return Staff(
            partial(make_keeper, self),
            partial(_make_archive, self),
            partial(_make_router, self),
            self.settings.workers,
        )


def run_on_ray(aim: Aim, settings: ServeSettings) -> None:
    """Serve on a cluster until SIGTERM or SIGINT, then take from it what was put there.

    Raises PenstockError when the server cannot start, or the cluster is gone.
    """
    server = make_server(aim, settings)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    try:
        ray.join(settings.ray_address)
        try:
            ray.listen(settings.host, settings.port)
            ray.start_server(server.name, server.staff)
            _watch(server)
            _end(server)
        finally:
            ray.leave()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def make_server(aim: Aim, settings: ServeSettings, *, place: str = "") -> RayServer:
    """Return a server whose processes may run in other folders than this one."""
    here = msgspec.structs.replace(settings, data_dir=str(settings.folder.absolute()))
    return RayServer(_absolute(aim), here, place)


def make_keeper(server: RayServer) -> Keeper:
    """Return who starts and ends the models of a server."""
    return Keeper(server.cluster, lease_seconds=server.lease_seconds)


def _watch(server: RayServer) -> None:
    """Look after it until a signal comes. Raises ConfigurationError, ClusterUnavailable."""
    was_ready, heard = False, time.monotonic()
    while wait_for(_STOP, WATCH_SECONDS) is None:
        try:
            state = ray.find_state(server.name)
        except ClusterUnavailable:
            if time.monotonic() - heard > MOST_SILENCE:
                raise
            continue
        heard = time.monotonic()
        if state is None or state.is_going:
            # Its keeper is gone with it, so nobody else would end its models.
            _end(server)
            raise ClusterUnavailable(f"somebody has ended '{server.name}' on the cluster")
        if state.has_failed:
            _end(server)
            raise ConfigurationError(f"the server cannot start on the cluster: {state.message}")
        if state.is_ready and not was_ready:
            was_ready = True
            log.info("serving on http://%s:%s", server.settings.host, server.settings.port)


def _end(server: RayServer) -> None:
    """Take the routers from the cluster first, then the models that they asked."""
    end_all([server.name])
    end_all(server.cluster.list_names())


def end_all(names: list[str]) -> None:
    """End applications, and wait until they are gone, unless that takes too long.

    Raises ClusterUnavailable.
    """
    for name in names:
        # Asked first: of a cluster that has lost its head, the end would never return.
        if ray.find_state(name) is not None:
            ray.end(name)
    deadline = time.monotonic() + END_SECONDS
    while any(ray.find_state(name) for name in names) and time.monotonic() < deadline:
        time.sleep(0.1)


def _absolute(aim: Aim) -> Aim:
    uri = aim.model_uri
    is_folder = uri is not None and ":" not in uri
    return Aim(str(Path(uri).absolute())) if uri is not None and is_folder else aim


def _make_archive(server: RayServer) -> Archive:
    return Archive(server.aim.name, folder_of(server.aim, server.settings))


async def _make_router(
    server: RayServer, keeper: Peer, archive: Peer, find_peer: Callable[[str], Peer]
) -> ServingApp:
    meter = Meter()
    ledger = DistantLedger(archive, await archive.ask("key"))
    engine = DistantEngine(
        keeper,
        find_peer,
        limits_of(server.settings),
        renew_seconds=server.lease_seconds / 4,
        observe_batch=meter.predicted,
    )
    app = assemble(
        server.aim,
        make_source(server.aim, ModelManager()),
        engine,
        settings=server.settings,
        records=Records(server.aim.name, ledger, meter=meter),
    )
    # A router takes no request that it cannot answer yet.
    app.loads_first = True
    return app
