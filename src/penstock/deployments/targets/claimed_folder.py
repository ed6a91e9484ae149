"""The folder of all services of this machine, and the claim to it."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import Final

from penstock.errors import SupervisionError

LOCK: Final = "supervisor.lock"
NAME: Final = "place"


class ClaimedFolder:
    """A folder that one process at a time works in; the claim ends with the process.

    Constructing it touches nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def is_claimed(self) -> bool:
        """Whether it is this process that works here."""
        return self._lock is not None

    @property
    def exists(self) -> bool:
        """Whether anybody has ever deployed here."""
        return self.path.is_dir()

    def claim(self) -> bool:
        """Make the folder if need be, and return whether it is ours. Raises SupervisionError."""
        if self._lock is None:
            self._lock = self._try()
        return self._lock is not None

    def name(self) -> str:
        """Return the name that was given to the folder when it was made: it is moved with it."""
        try:
            return (self.path / NAME).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SupervisionError(f"cannot read {self.path / NAME}: {error}") from error

    def release(self) -> None:
        """Let others work here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _try(self) -> int | None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SupervisionError(f"cannot write to {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        self._give_name()
        return lock

    def _give_name(self) -> None:
        if not (self.path / NAME).exists():
            (self.path / NAME).write_text(f"{secrets.token_hex(8)}\n", encoding="ascii")
