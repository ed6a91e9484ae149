import fcntl
import os
import time
from pathlib import Path
from typing import Final

from penstock.errors import SpoolError

JOURNAL: Final = ".journal"
MEMO: Final = ".tags"


class SpoolFolder:
    """A folder of journals, one for each client of each process that logs into it.

    The owner of a journal holds a lock on it as long as it lives. A memo tells of tags that were
    written, for as long as an older journal may hold another value of them.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()

    def make(self) -> None:
        """Make the folder, for its owner alone, unless it is there. Raises SpoolError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.path, error) from error
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise SpoolError(f"the spool {self.path} may not be written; choose another folder")

    def check(self) -> None:
        """Raise SpoolError unless the folder is there."""
        if not self.path.is_dir():
            raise SpoolError(f"there is no spool {self.path}; check the name of the folder")

    def journals(self) -> list[Path]:
        """Return all journals, the oldest first."""
        return self._named(JOURNAL)

    def memos(self) -> list[Path]:
        """Return all memos, the oldest first."""
        return self._named(MEMO)

    def create(self, suffix: str = JOURNAL) -> tuple[Path, int]:
        """Make an empty file of a new name and lock it; return its path and descriptor."""
        while True:
            unique = os.urandom(4).hex()
            name = f"{time.time_ns() // 1_000_000:013d}-{os.getpid()}-{unique}{suffix}"
            path = self.path / name
            descriptor = create_locked(path)
            # A sync may take it for an abandoned one in the moment before it is locked.
            if descriptor is not None:
                return path, descriptor

    def forget_tags(self) -> None:
        """Remove the memos when no journal is left that they could matter to."""
        memos = self.memos()
        if not self.journals():
            for memo in memos:
                remove(memo)

    def _named(self, suffix: str) -> list[Path]:
        try:
            return sorted(path for path in self.path.iterdir() if path.suffix == suffix)
        except OSError as error:
            raise _unusable(self.path, error) from error


def create_locked(path: Path) -> int | None:
    """Make a file that only its owner may read, and lock it; None if somebody else was quicker."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    return descriptor if _lock(path, descriptor) else None


def lock_abandoned(path: Path) -> int | None:
    """Lock the journal of a process that has ended; return its descriptor, or None.

    None also tells that it is gone.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    return descriptor if _lock(path, descriptor) else None


def is_at(path: Path, descriptor: int) -> bool:
    """Tell whether an open file is the one that has this path."""
    try:
        named, opened = path.stat(follow_symlinks=False), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def remove(path: Path) -> None:
    """Remove a file of a spool, if it is there. Raises SpoolError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error


def _lock(path: Path, descriptor: int) -> bool:
    """Lock an open file if it is free and still has its path; else close it."""
    is_ours = False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = is_at(path, descriptor)
    except BlockingIOError:
        pass
    finally:
        if not is_ours:
            os.close(descriptor)
    return is_ours


def _unusable(path: Path, error: OSError) -> SpoolError:
    return SpoolError(f"cannot use the spool {path}: {error.strerror or error}; check the folder")
