"""Services as processes of this machine, one keeper each, which come back when this one does."""

import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from penstock.deployments.commands import (
    Listening,
    ServeCommand,
    serve_command,
    serve_variables,
)
from penstock.deployments.spec import DeploymentSpec, Target
from penstock.deployments.supervision.job import JOB, Job, read_job
from penstock.deployments.supervision.job_state import JobState, Phase
from penstock.deployments.supervision.started_keeper import StartedKeeper
from penstock.deployments.targets.claimed_folder import ClaimedFolder
from penstock.deployments.targets.ports import find_free_port
from penstock.deployments.targets.ray_cluster import check_ray
from penstock.errors import SupervisionError

DRAIN_SECONDS: Final = 15.0
END_SECONDS: Final = 4.0
KEPT_FOLDERS: Final = 50
"""Of services that have ended; what they wrote may tell why."""


class LocalTarget:
    """Starts and ends services by their ids; safe under threads. Methods block.

    What shall run lies in the folder: `tend` brings it back in another process. `environment` is
    never written down, for it may hold secrets. All raise SupervisionError.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str,
        ports: range,
        environment: Mapping[str, str],
        command: ServeCommand = serve_command,
    ) -> None:
        self.folder = ClaimedFolder(folder)
        self._host = host
        self._ports = ports
        self._environment = dict(environment)
        self._command = command
        self._keepers: dict[str, StartedKeeper] = {}
        self._lock = threading.RLock()

    def claim(self) -> None:
        """Make the folder if need be. Raises SupervisionError where another process works in it."""
        if not self.folder.claim():
            raise SupervisionError(
                "another gateway runs the services of this data folder; ask that one, or give this "
                "one a data folder of its own"
            )

    def check(self, target: Target) -> None:
        """Raise UnmetRequirements where a service could not run there."""
        if target is Target.RAY:
            check_ray(self._environment)

    def start(self, service_id: str, spec: DeploymentSpec, target: Target) -> Listening:
        """Start a service, and return where it will listen; it takes a while until it answers."""
        with self._lock:
            self.claim()
            port = find_free_port(self._host, self._ports, besides=self._ports_in_use())
            listening = Listening(self._host, port)
            place = self.folder.path / service_id
            self._make(place)
            Job(
                self._command(spec, target, listening),
                host=_reachable(self._host),
                port=port,
                variables=serve_variables(spec, target),
            ).write(place)
            self._keep(place)
            self._forget_old()
            return listening

    def stop(self, service_id: str) -> None:
        """End a service, and let requests under way come to their end; nothing if there is none."""
        with self._lock:
            keeper = self._keepers.pop(service_id, None)
            # First: whatever happens now, it does not come back.
            (self.folder.path / service_id / JOB).unlink(missing_ok=True)
        if keeper is not None:
            keeper.ask_to_end(drain=True)
            keeper.wait(DRAIN_SECONDS)

    def find_state(self, service_id: str) -> JobState | None:
        """Return how a service is, or None where it is not kept here."""
        with self._lock:
            keeper = self._keepers.get(service_id)
        return None if keeper is None else keeper.state()

    def list_services(self) -> list[str]:
        """Return the ids of all that shall run here."""
        with self._lock:
            return sorted(self._keepers)

    def tend(self) -> bool:
        """Bring back what shall run and does not; return whether this process is to do that.

        A folder that another process works in is taken over when that one has ended.
        """
        with self._lock:
            if not self.folder.exists or not self.folder.claim():
                return False
            for place in self._places():
                keeper = self._keepers.get(place.name)
                if keeper is None or (keeper.has_ended and keeper.state().phase != Phase.FAILED):
                    self._keep(place)
            return True

    def close(self) -> None:
        """End all services, at once; what shall run stays written, for the next process."""
        with self._lock:
            keepers, self._keepers = list(self._keepers.values()), {}
            for keeper in keepers:
                keeper.ask_to_end(drain=False)
            deadline = time.monotonic() + END_SECONDS
            for keeper in keepers:
                keeper.wait(max(deadline - time.monotonic(), 0))
            self.folder.release()

    def _keep(self, place: Path) -> None:
        earlier = self._keepers.pop(place.name, None)
        if earlier is not None:
            earlier.ask_to_end(drain=False)
        environment = {**self._environment, **read_job(place).variables}
        self._keepers[place.name] = StartedKeeper(place, environment)

    def _ports_in_use(self) -> set[int]:
        return {read_job(place).port for place in self._places()}

    def _places(self) -> list[Path]:
        return sorted(found.parent for found in self.folder.path.glob(f"*/{JOB}"))

    def _forget_old(self) -> None:
        ended = [
            place
            for place in self.folder.path.iterdir()
            if place.is_dir() and not (place / JOB).exists()
        ]
        ended.sort(key=lambda place: place.stat().st_mtime)
        for place in ended[:-KEPT_FOLDERS]:
            shutil.rmtree(place, ignore_errors=True)

    @staticmethod
    def _make(place: Path) -> None:
        try:
            place.mkdir(mode=0o700)
        except OSError as error:
            raise SupervisionError(f"cannot make {place}: {error.strerror}") from error


def _reachable(host: str) -> str:
    """Return where a service on all addresses is asked from here."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
