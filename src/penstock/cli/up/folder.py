"""The data folder of one `penstock up`: what lies where, and its lock."""

import fcntl
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from penstock.errors import SupervisionError

_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_UNUSABLE_MARKS: Final = "?#%"


class DataFolder:
    """Everything that `penstock up` keeps, below one folder. Constructing it touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.mlflow_database = self.path / "mlflow.db"
        self.gateway_database = self.path / "penstock.db"
        self.artifacts = self.path / "artifacts"
        self.logs = self.path / "logs"
        self.password_file = self.path / "admin-password"
        self.lock_file = self.path / "up.lock"

    @property
    def gateway_database_url(self) -> str:
        """The SQLAlchemy URL of the gateway's database."""
        return _sqlite_url(self.gateway_database)

    @property
    def mlflow_database_url(self) -> str:
        """The SQLAlchemy URL of MLflow's database."""
        return _sqlite_url(self.mlflow_database)

    def prepare(self) -> None:
        """Make the folders that are missing, and check those that are there.

        Raises SupervisionError when nothing can be written, or when a database is none.
        """
        if marks := sorted(set(filter(_is_unusable, str(self.path)))):
            shown = " ".join(mark if mark.isprintable() else ascii(mark) for mark in marks)
            raise SupervisionError(
                f"MLflow cannot keep a database below {self.path}, for {shown} "
                "in its path; choose another folder with --data"
            )
        for folder in (self.path, self.artifacts, self.logs):
            self._make(folder)
        for database in (self.mlflow_database, self.gateway_database):
            _check_database(database)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other `penstock up` out of this folder while the block runs.

        The lock is the kernel's: it ends with the last process that inherited it by forking,
        however that ends, and a left-over file means nothing.
        """
        with self._opened_lock_file() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                owner = os.pread(lock, 20, 0).decode(errors="replace").strip()
                raise SupervisionError(
                    f"another `penstock up` (process {owner}) uses {self.path}; "
                    "stop it first, or choose another folder with --data"
                ) from error
            try:
                os.ftruncate(lock, 0)
                os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            except OSError as error:
                raise _unwritable(self.path, error) from error
            yield

    @contextmanager
    def _opened_lock_file(self) -> Iterator[int]:
        try:
            lock = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            yield lock
        finally:
            os.close(lock)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise SupervisionError(
                f"cannot write to {folder}; give yourself the right to, "
                "or choose another folder with --data"
            )


def _is_unusable(mark: str) -> bool:
    """Return whether some part would read a URL with this character in another way."""
    # Of the categories C: control characters, and bytes that are no text.
    return mark in _UNUSABLE_MARKS or unicodedata.category(mark).startswith("C")


def _sqlite_url(file: Path) -> str:
    # By hand, for the SQLAlchemy that writes URLs takes longer to load than all else here. It
    # takes everything up to a `?` as it stands.
    return f"sqlite:///{file}"


def _check_database(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            beginning = stream.read(len(_SQLITE_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise SupervisionError(f"cannot read {path}: {error.strerror}") from error
    if beginning not in {b"", _SQLITE_MAGIC}:
        raise SupervisionError(
            f"{path} is no SQLite database; bring back a copy, or move it away to start anew"
        )


def _unwritable(path: Path, error: OSError) -> SupervisionError:
    reason = error.strerror
    if isinstance(error, FileExistsError | NotADirectoryError):
        reason = "a file is in its way"
    return SupervisionError(
        f"cannot make the data folder {path}: {reason}; choose another one with --data"
    )
