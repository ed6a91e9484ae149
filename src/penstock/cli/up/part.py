"""One program that `penstock up` runs: how it starts, where it writes, how it ended."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from penstock.deployments.descendants import end_with_parent
from penstock.errors import SupervisionError

SHOWN_LINES: Final = 15
KEPT_LOG_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """What to start. The environment may hold secrets, the command must not."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    log: Path


class RunningPart:
    """A started part. Its output goes to its log."""

    def __init__(self, part: Part) -> None:
        self.part = part
        with _open_log(part.log) as log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    part.command,
                    cwd=part.folder,
                    env=dict(part.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Out of the terminal's group: Ctrl-C is the supervisor's to pass on.
                    start_new_session=True,
                    # Databases and artifacts are their owner's, also in a folder open to others.
                    umask=0o077,
                    preexec_fn=end_with_parent(),  # noqa: PLW1509 - no thread runs yet
                )
            except OSError as error:
                raise SupervisionError(f"cannot start {part.name}: {error}") from error

    @property
    def pid(self) -> int:
        """The id of the program's process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the program itself is gone; its descendants may live on."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Ask the program to end."""
        if not self.has_ended:
            self._process.send_signal(signal.SIGTERM)

    def describe_end(self) -> str:
        """Return how the program ended, with the last lines that it wrote."""
        code = self._process.returncode
        how = f"exit code {code}" if code >= 0 else f"killed by {_signal_name(-code)}"
        lines = self.last_lines()
        if any("address already in use" in line.lower() for line in lines):
            how += "; another program took its port meanwhile, start again"
        shown = "\n".join(f"  {line}" for line in lines) or "  (nothing)"
        return f"{self.part.name} ended ({how}); {self.part.log} ends with\n{shown}"

    def last_lines(self, count: int = SHOWN_LINES) -> list[str]:
        """Return the last lines that this start has written to the log."""
        with self.part.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return [line for line in text.splitlines() if line.strip()][-count:]


def _open_log(path: Path) -> BinaryIO:
    """Open a log to append to; a long one is put aside as `….1` first."""
    try:
        if path.exists() and path.stat().st_size > KEPT_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stream = os.fdopen(descriptor, "ab")
    except OSError as error:
        raise SupervisionError(f"cannot write {path}: {error.strerror}") from error
    stream.seek(0, os.SEEK_END)
    return stream


def _signal_name(number: int) -> str:
    try:
        return f"{signal.Signals(number).name}, signal {number}"
    except ValueError:
        return f"signal {number}"
