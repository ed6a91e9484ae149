import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from penstock.errors import CacheError
from penstock.models.cache.privacy import is_private, make_private

ENTRIES: Final = "entries"
FILLING: Final = "filling"
LOCKS: Final = "locks"
PINS: Final = "pins"
TRASH: Final = "trash"
FOLDERS: Final = (ENTRIES, FILLING, LOCKS, PINS, TRASH)


class CacheFolder:
    """Where a cache keeps its entries, and what is on its way into and out of it.

    All of it is on one file system, so that renaming moves a whole directory in one step.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()

    def entry(self, key: str) -> Path:
        """Return where the entry of a key is, or would be."""
        return self.path / ENTRIES / key

    def pin(self, key: str) -> Path:
        """Return where is kept what a reference meant when it was last asked for."""
        return self.path / PINS / f"{key}.json"

    def lock(self, name: str) -> Path:
        """Return the file of a lock."""
        return self.path / LOCKS / f"{name}.lock"

    def list_keys(self) -> list[str]:
        """Return the keys of all entries. Raises CacheError."""
        try:
            return sorted(path.name for path in (self.path / ENTRIES).iterdir() if path.is_dir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unusable(self.path, error) from error

    def list_pins(self) -> list[Path]:
        """Return the files of all pins."""
        return [path for path in _children(self.path / PINS) if path.match("[!.]*.json")]

    def list_locked(self) -> list[str]:
        """Return the names of all locks that were ever asked for, and not removed."""
        return [path.stem for path in _children(self.path / LOCKS) if path.suffix == ".lock"]

    def make(self) -> None:
        """Make the folders, for their owner alone. Raises CacheError."""
        try:
            make_private(self.path)
            for name in FOLDERS:
                make_private(self.path / name)
        except OSError as error:
            raise unusable(self.path, error) from error
        self.check()

    def check(self) -> None:
        """Raise CacheError where others may write: they would decide what is run here."""
        for name in FOLDERS:
            folder = self.path / name
            try:
                is_fine = is_private(folder)
            except OSError as error:
                raise unusable(self.path, error) from error
            if not is_fine:
                raise CacheError(
                    f"{folder} is not a folder that this user alone may write, and models are "
                    "programs; remove it, or name another cache with PENSTOCK_CACHE_DIR"
                )

    def new_filling(self, key: str) -> Path:
        """Make the directory that an entry is filled in; what was left of others is removed.

        The caller holds the lock of the key, so that nobody else fills it.
        """
        made = self.path / FILLING / f"{key}.{os.urandom(4).hex()}"
        try:
            self.remove_fillings(key)
            made.mkdir(mode=0o700)
        except OSError as error:
            raise unusable(self.path, error) from error
        return made

    def remove_fillings(self, key: str) -> None:
        """Remove what was left of an entry by others; the caller holds the lock of the key."""
        for left in (self.path / FILLING).glob(f"{key}.*"):
            shutil.rmtree(left, ignore_errors=True)

    def throw_away(self, path: Path) -> None:
        """Remove a directory, which is gone in one step; one that is not there is no error."""
        trash = self.path / TRASH / f"{path.name}.{os.urandom(4).hex()}"
        try:
            path.rename(trash)
        except FileNotFoundError:
            return
        except OSError as error:
            raise unusable(self.path, error) from error
        shutil.rmtree(trash, ignore_errors=True)

    def empty_trash(self) -> None:
        """Remove what processes that were killed had thrown away."""
        for left in _children(self.path / TRASH):
            shutil.rmtree(left, ignore_errors=True)


def unusable(path: Path, error: OSError) -> CacheError:
    """Return the error for a cache that the system refuses something of."""
    return CacheError(
        f"cannot use the cache of models {path}: {error.strerror or error}; make room there, "
        "check who may write it, or name another folder with PENSTOCK_CACHE_DIR"
    )


def _children(path: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from path.iterdir()
