import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from penstock.errors import LocalFileError, ModelUnavailable, UnreadableModel
from penstock.models.cache.entry import OpenEntry, open_entry
from penstock.models.cache.manifest import MODEL, read_manifest
from penstock.models.cache.publication import fill, publish
from penstock.models.resolution import Resolution


class LocalCopies:
    """The models that were registered from this machine: a last resort, with their checksums.

    Of each registered model the last copy is kept, in a folder of its name.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()

    def keep(self, folder: Path, resolution: Resolution) -> Path:
        """Keep a copy of a saved model in place of the last one. Raises LocalFileError."""
        home = self._home(resolution.name or resolution.key)
        filling = home / f".{os.urandom(4).hex()}"
        place = home / f"{_next_number(home):06d}"
        try:
            filling.mkdir(mode=0o700, parents=True)
            fill(filling, resolution, lambda target: shutil.copytree(folder, target))
            publish(filling, place)
        except OSError as error:
            raise LocalFileError(
                f"cannot keep a local copy in {home}: {error.strerror or error}"
            ) from error
        finally:
            shutil.rmtree(filling, ignore_errors=True)
        for older in home.iterdir():
            if older != place:
                shutil.rmtree(older, ignore_errors=True)
        return place / MODEL

    def open(self, name: str) -> tuple[OpenEntry, Resolution]:
        """Open the newest copy whose files are as they were kept. Raises ModelUnavailable."""
        problem = f"there is no local copy of '{name}' in {self.path}"
        for place in self._places(name):
            entry = open_entry(place)
            if entry is None:
                continue
            try:
                return entry, entry.check().resolution
            except UnreadableModel as error:
                entry.close()
                problem = f"the local copy is damaged: {error}"
        raise ModelUnavailable(problem)

    def find(self, name: str) -> tuple[Path, Resolution] | None:
        """Return where the newest copy is, and which model, as its manifest says; or None."""
        for place in self._places(name):
            try:
                return place / MODEL, read_manifest(place).resolution
            except UnreadableModel:
                continue
        return None

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

    def _places(self, name: str) -> Iterator[Path]:
        home = self._home(name)
        if home.is_dir():
            yield from sorted((one for one in home.iterdir() if one.name.isdecimal()), reverse=True)

    def _home(self, name: str) -> Path:
        # Names of models hold what names of files may not: dots at the beginning, for one.
        return self.path / f"m-{quote(name, safe=' ')}"


def _next_number(home: Path) -> int:
    if not home.is_dir():
        return 1
    return max((int(one.name) for one in home.iterdir() if one.name.isdecimal()), default=0) + 1
