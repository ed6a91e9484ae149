"""A keeper as the one who started it sees it."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from penstock.deployments.supervision.inbox import DRAIN
from penstock.deployments.supervision.job_state import JobState, Phase, find_state
from penstock.errors import SupervisionError

PROGRAM: Final = (sys.executable, "-P", "-m", "penstock.deployments.supervision.keeper")
KEEPER_LOG: Final = "keeper.log"


class StartedKeeper:
    """A keeper's process. It ends with this process, whatever happens to this one."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        # What an earlier one has told does not hold any more.
        replace(find_state(folder) or JobState(), phase=Phase.STARTING, pid=None).write(folder)
        try:
            with (folder / KEEPER_LOG).open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [*PROGRAM, str(folder)],
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    umask=0o077,
                )
        except OSError as error:
            raise SupervisionError(f"cannot start a service in {folder}: {error}") from error

    @property
    def has_ended(self) -> bool:
        """Whether it is gone: killed, or because it has given its service up."""
        return self._process.poll() is not None

    def state(self) -> JobState:
        """Return how the service is."""
        has_ended = self.has_ended
        state = find_state(self.folder) or JobState()
        if not has_ended or state.phase is Phase.FAILED:
            return state
        reason = f"its keeper ended; see {self.folder / KEEPER_LOG}"
        phase = Phase.RESTARTING if state.has_answered else Phase.FAILED
        return replace(state, phase=phase, pid=None, reason=reason)

    def ask_to_end(self, *, drain: bool) -> None:
        """Ask it to end its service and itself; with `drain`, to let requests come to their end."""
        stream = self._process.stdin
        if stream is None or stream.closed:
            return
        with suppress(OSError):
            if drain:
                stream.write(DRAIN)
            stream.close()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended; kill it when it takes longer."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
