"""A program that was started to be watched: where it writes, and how it ended."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from penstock.deployments.descendants import end_with_parent
from penstock.deployments.supervision.log_file import SHOWN_LINES, last_lines, open_log
from penstock.errors import SupervisionError

OWNERS_ALONE: Final = 0o077
"""The umask of programs whose files nobody else is to read, also in a folder open to others."""

_AS_IT_IS: Final = -1


class Program:
    """A started program. Its output goes to its log, and it is told to end when this process dies.

    Without an environment it has that of this process. For a process that has no threads yet.
    Raises SupervisionError where it cannot be started.
    """

    def __init__(  # noqa: PLR0913 - what a process is started with
        self,
        command: Sequence[str],
        *,
        name: str,
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
        umask: int = _AS_IT_IS,
    ) -> None:
        self.name = name
        self.log = log
        with open_log(log) as stream:
            self._log_start = stream.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    command,
                    cwd=folder,
                    env=None if environment is None else dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    # Out of the terminal's group: Ctrl-C is the supervisor's to pass on.
                    start_new_session=True,
                    umask=umask,
                    preexec_fn=end_with_parent(),  # noqa: PLW1509 - no thread runs yet
                )
            except OSError as error:
                raise SupervisionError(f"cannot start {name}: {error}") from error

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the program itself is gone; its descendants may live on."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Ask it to end."""
        if not self.has_ended:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait until the program itself is gone, but not for longer than that."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def last_lines(self, count: int = SHOWN_LINES) -> list[str]:
        """Return the last lines that it has written since it was started."""
        return last_lines(self.log, since=self._log_start, count=count)

    def describe_code(self) -> str | None:
        """Return how it ended, `exit code 1` or `killed by SIGKILL, signal 9`; None if it runs."""
        code = self._process.poll()
        if code is None or code >= 0:
            return None if code is None else f"exit code {code}"
        try:
            return f"killed by {signal.Signals(-code).name}, signal {-code}"
        except ValueError:
            return f"killed by signal {-code}"
