"""The program that keeps one service running: `python -m penstock.deployments.supervision.keeper`.

It reads the job of the folder that its argument names, tells in the same folder how the service
is, and ends with its standard input, or on SIGTERM; with it ends every process below it.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from penstock.deployments.descendants import adopt_orphans, bury_orphans, end_descendants
from penstock.deployments.supervision.backoff import CALM_SECONDS, wait_seconds
from penstock.deployments.supervision.inbox import Inbox
from penstock.deployments.supervision.job import Job, read_job
from penstock.deployments.supervision.job_state import JobState, Phase, find_state
from penstock.deployments.supervision.service import ENDED, Service

LOCK: Final = "keeper.lock"
GRACE_SECONDS: Final = 1.5
"""How long a service may take to end before it is killed; `penstock up` waits little longer."""

DRAIN_SECONDS: Final = 10.0
"""The same where whoever started it has time for the requests under way."""

REST_SECONDS: Final = 1.0
"""How long what it has left behind may take after that."""

_ASK_SECONDS: Final = 0.2
_WATCH_SECONDS: Final = 5.0
MOST_SILENCE: Final = 60.0
"""How long a service that runs may leave unanswered whether it is ready."""


class Keeper:
    """Starts a service again whenever it ends, once it has been ready; before, gives it up."""

    def __init__(self, folder: Path, job: Job, inbox: Inbox) -> None:
        self._folder = folder
        self._job = job
        self._inbox = inbox
        before = find_state(folder) or JobState()
        self._state = JobState(has_answered=before.has_answered, restarts=before.restarts)

    def run(self) -> None:
        """Return when asked to end, or when the service is given up; nothing is left running."""
        crashes = 0
        while True:
            try:
                is_calm = self._run_once()
            finally:
                end_descendants(grace=REST_SECONDS)
            if self._inbox.must_end or self._state.phase is Phase.FAILED:
                return
            crashes = 1 if is_calm else crashes + 1
            self._pause(wait_seconds(crashes))
            if self._inbox.must_end:
                return

    def _run_once(self) -> bool:
        """Run the service until it ends; return whether it has been well for long before."""
        is_again = self._state.has_answered and self._state.restarts > 0
        service = Service(self._job, self._folder)
        self._tell(Phase.RESTARTING if is_again else Phase.STARTING, pid=service.pid)
        since: float | None = None
        why = self._wait_until_ready(service)
        if not why and not self._inbox.must_end:
            since = time.monotonic()
            self._tell(Phase.RUNNING, has_answered=True)
            why = self._watch(service)
        if not self._inbox.must_end:
            self._tell_end(service.describe_end(why))
        # First it alone: what it has below it may be what answers the requests under way.
        service.end()
        service.wait(DRAIN_SECONDS if self._inbox.may_drain else GRACE_SECONDS)
        return since is not None and time.monotonic() - since > CALM_SECONDS

    def _wait_until_ready(self, service: Service) -> str:
        """Return nothing when the service is ready, or why it is not."""
        deadline = time.monotonic() + self._job.start_seconds
        while not self._inbox.must_end:
            if service.has_ended:
                return ENDED
            # Asked again: what answered may be another program at the same port.
            if service.answers() and not service.has_ended:
                return ""
            if time.monotonic() > deadline:
                return f"not ready within {self._job.start_seconds:g} s"
            self._wait(service, _ASK_SECONDS)
        return ""

    def _watch(self, service: Service) -> str:
        """Return when the service has ended, or has been silent for too long, and why."""
        heard = time.monotonic()
        while not self._inbox.must_end:
            self._wait(service, _WATCH_SECONDS)
            if service.has_ended:
                return ENDED
            if service.answers():
                heard = time.monotonic()
            elif time.monotonic() - heard > MOST_SILENCE:
                return f"no answer for {MOST_SILENCE:g} s"
        return ""

    def _wait(self, service: Service, seconds: float) -> None:
        self._inbox.wait(seconds)
        bury_orphans(own={service.pid})

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._inbox.must_end and (left := deadline - time.monotonic()) > 0:
            self._inbox.wait(left)

    def _tell_end(self, reason: str) -> None:
        if self._state.has_answered:
            restarts = self._state.restarts + 1
            self._tell(Phase.RESTARTING, pid=None, reason=reason, restarts=restarts)
        else:
            self._tell(Phase.FAILED, pid=None, reason=reason)

    def _tell(self, phase: Phase, **changes: object) -> None:
        self._state = replace(self._state, phase=phase, **changes)  # type: ignore[arg-type] # fields of it
        self._state.write(self._folder)


def main() -> None:
    """Keep the service of the folder that is named; wait for an earlier keeper to end first."""
    folder = Path(sys.argv[1])
    adopt_orphans()
    inbox = Inbox(sys.stdin.fileno())
    with _locked(folder):
        Keeper(folder, read_job(folder), inbox).run()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    # The kernel's: it ends with the keeper, however that ends.
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


if __name__ == "__main__":
    main()
