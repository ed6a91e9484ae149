"""Where a ramp keeps how far it has come: one file for each scope."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from penstock.errors import InvalidRollout, LocalFileError
from penstock.rollout.ramps.state import RampState
from penstock.rollout.scope import Scope

SHORT: Final = 24


def ramps_folder() -> Path:
    """Return the user's folder of ramps."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home, "penstock", "ramps")


class RampMemory:
    """Keeps the ramp of one scope of one server."""

    def __init__(self, folder: Path, server: str, scope: Scope) -> None:
        self.scope = scope
        names = (server, scope.experiment_id, scope.submodel_name, str(scope.version))
        digest = hashlib.sha256(msgspec.json.encode(names)).hexdigest()[:SHORT]
        self.file = folder / f"{digest}.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep others out while the block runs. Raises InvalidRollout when one is at work."""
        descriptor = self._lock()
        try:
            yield
        finally:
            os.close(descriptor)

    def find(self) -> RampState | None:
        """Return the ramp that has not ended, if there is one. Raises LocalFileError."""
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=RampState)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failure("read", self.file, error) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LocalFileError(
                f"{self.file} holds no ramp ({error}); remove it to begin a new one"
            ) from error

    def keep(self, state: RampState) -> None:
        """Keep a state, whole or not at all. Raises LocalFileError."""
        beside = self.file.with_suffix(".new")
        try:
            with beside.open("wb") as stream:
                stream.write(msgspec.json.encode(state))
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self.file)
        except OSError as error:
            raise self._failure("written", self.file, error) from error

    def forget(self) -> None:
        """Keep nothing any more. Raises LocalFileError."""
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            raise self._failure("removed", self.file, error) from error

    def _lock(self) -> int:
        lock = self.file.with_suffix(".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._failure("opened", lock, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise InvalidRollout(
                "another ramp of this version is at work on this machine; end it first"
            ) from error
        return descriptor

    @staticmethod
    def _failure(done: str, file: Path, error: OSError) -> LocalFileError:
        return LocalFileError(
            f"{file} cannot be {done}: {error.strerror or error}; "
            "set XDG_DATA_HOME to a folder that can be written"
        )
