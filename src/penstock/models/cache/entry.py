import contextlib
import fcntl
import os
import weakref
from pathlib import Path
from typing import Self

from penstock.models.cache.manifest import FILE, MODEL, Manifest, read_manifest


class OpenEntry:
    """An entry in use: as long as it is open, in whichever process, nobody removes it.

    The kernel holds the lock, so that it ends with the process, however that ends.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)

    @property
    def model(self) -> Path:
        """Return the folder of the model's files."""
        return self.path / MODEL

    @property
    def is_there(self) -> bool:
        """Tell whether this is still the entry that its path leads to."""
        return _is_at(self.path, self._descriptor)

    def check(self) -> Manifest:
        """Return the manifest when all files are as it says. Raises UnreadableModel."""
        manifest = read_manifest(self.path)
        manifest.verify(self.model)
        return manifest

    def touch(self) -> None:
        """Note that it is used now. Where that cannot be written, it only looks older."""
        with contextlib.suppress(OSError):
            os.utime(self.path / FILE)

    def close(self) -> None:
        """Let others remove it."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_entry(path: Path) -> OpenEntry | None:
    """Open an entry for use; None if it is not there, or is being removed."""
    return _open(path, fcntl.LOCK_SH)


def seize_entry(path: Path) -> OpenEntry | None:
    """Open an entry that nobody uses, to remove it; None if somebody does, or it is gone."""
    return _open(path, fcntl.LOCK_EX)


def _open(path: Path, kind: int) -> OpenEntry | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    entry = OpenEntry(path, descriptor)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        entry.close()
        return None
    except OSError:
        # A file system without locks: reading works there, removing is left to people.
        if kind == fcntl.LOCK_EX:
            entry.close()
            return None
    if not entry.is_there:
        entry.close()
        return None
    return entry


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        named, opened = path.stat(follow_symlinks=False), os.fstat(descriptor)
    except OSError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
