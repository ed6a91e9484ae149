import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from penstock.errors import LocalFileError, ModelUnavailable, UnreadableModel
from penstock.models.cache.entry import OpenEntry, open_entry, seize_entry
from penstock.models.cache.manifest import MODEL, read_manifest
from penstock.models.cache.privacy import is_private, make_private
from penstock.models.cache.publication import fill, publish
from penstock.models.folder_copy import copy_folder
from penstock.models.resolution import Resolution

_LONGEST: Final = 180
"""Characters of a quoted name in that of its folder, which most systems end at 255."""


class LocalCopies:
    """The models that were registered from this machine: a last resort, with their checksums.

    Of each registered model the last copy is kept, in a folder of its name.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()

    def keep(self, folder: Path, resolution: Resolution) -> Path:
        """Keep a copy of a saved model in place of the last one. Raises LocalFileError."""
        home = self._home(resolution.name or resolution.key)
        try:
            for path in (home.parent, home):
                make_private(path)
            with _alone_in(home):
                place = _fill_beside(folder, resolution, home)
                for other in home.iterdir():
                    if other != place:
                        _remove_unused(other)
        except OSError as error:
            raise LocalFileError(
                f"cannot keep a local copy in {home}: {error.strerror or error}"
            ) from error
        return place / MODEL

    def open(self, name: str, version: int | None = None) -> tuple[OpenEntry, Resolution]:
        """Open the newest copy whose files are as they were kept.

        Raises ModelUnavailable, also where it is another version than the one that is wanted.
        """
        problem = f"there is no local copy of '{name}' in {self.path}"
        for place in self._newest_first(name):
            entry = open_entry(place)
            if entry is None:
                continue
            try:
                return entry, _check_version(entry.check().resolution, version)
            except UnreadableModel as error:
                entry.close()
                problem = f"the local copy is damaged: {error}"
            except ModelUnavailable:
                entry.close()
                raise
        raise ModelUnavailable(problem)

    def find(self, name: str, version: int | None = None) -> tuple[Path, Resolution]:
        """Return where the newest copy is, and which model, as its manifest says.

        Raises ModelUnavailable like `open`.
        """
        for place in self._newest_first(name):
            try:
                return place / MODEL, _check_version(read_manifest(place).resolution, version)
            except UnreadableModel:
                continue
        raise ModelUnavailable(f"there is no local copy of '{name}' in {self.path}")

    def remove(self, name: str) -> bool:
        """Remove the copies of a registered model; return whether there were any."""
        home = self._home(name)
        if not home.is_dir():
            return False
        gone = home.with_name(f".{home.name}.{os.urandom(4).hex()}")
        try:
            home.rename(gone)
        except OSError as error:
            raise LocalFileError(f"cannot remove {home}: {error.strerror or error}") from error
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def _newest_first(self, name: str) -> Iterator[Path]:
        """Yield where the copies are; also of those that take the place of these meanwhile."""
        seen: set[Path] = set()
        while new := [place for place in self._places(name) if place not in seen]:
            seen.update(new)
            yield from new

    def _places(self, name: str) -> list[Path]:
        home = self._home(name)
        try:
            # Their folder may be a link of the user's own; what it leads to counts.
            if not (is_private(self.path.resolve(strict=True)) and is_private(home)):
                raise ModelUnavailable(f"others may write {home}, and a model is a program")
            found = [one for one in home.iterdir() if one.name.isdecimal()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, RuntimeError) as error:
            raise ModelUnavailable(f"cannot read the local copies in {home}: {error}") from error
        return sorted(found, reverse=True)

    def _home(self, name: str) -> Path:
        # Names of models hold what names of files may not: dots at the beginning, for one.
        quoted = quote(name, safe=" ", errors="surrogatepass")
        if len(quoted) > _LONGEST:
            digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
            quoted = f"{quoted[:_LONGEST]}-{digest[:32]}"
        return self.path / f"m-{quoted}"


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Let one at a time into the block, as far as the file system knows locks. Raises OSError."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fill_beside(folder: Path, resolution: Resolution, home: Path) -> Path:
    """Copy a saved model into its place, whole or not at all; return the place. Raises OSError."""
    filling, place = home / f".{os.urandom(4).hex()}", home / f"{_next_number(home):06d}"
    make_private(filling)
    try:
        fill(filling, resolution, lambda target: copy_folder(folder, target))
        publish(filling, place)
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return place


def _remove_unused(path: Path) -> None:
    entry = seize_entry(path)
    if entry is not None:
        with entry:
            shutil.rmtree(path, ignore_errors=True)


def _check_version(kept: Resolution, wanted: int | None) -> Resolution:
    if wanted is not None and str(wanted) != kept.version:
        raise ModelUnavailable(f"the local copy is version {kept.version}, not {wanted}")
    return kept


def _next_number(home: Path) -> int:
    return max((int(one.name) for one in home.iterdir() if one.name.isdecimal()), default=0) + 1
