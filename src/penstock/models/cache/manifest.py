import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from penstock.errors import UnreadableModel
from penstock.models.resolution import Resolution, parse_resolution

FILE: Final = "manifest.json"
MODEL: Final = "model"
FORMAT: Final = 1
_COMPILED: Final = "__pycache__"
_READ_NO_LINK: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class FileSum:
    """The size of a file in bytes, and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an entry holds: which model, and each of its files with its checksum."""

    resolution: Resolution
    files: Mapping[str, FileSum]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files.values())

    def verify(self, folder: Path) -> None:
        """Raise UnreadableModel unless a folder holds these very files, and no others.

        What Python compiled there is removed: it would be loaded in the place of its source.
        """
        _remove_compiled(folder)
        found = dict(_walk(folder))
        if differing := sorted(set(found) ^ set(self.files)):
            raise UnreadableModel(f"{folder} lacks or has too many files: {differing[0]}")
        for name, wanted in self.files.items():
            if sum_file(found[name]) != wanted:
                raise UnreadableModel(
                    f"{folder / name} is not what was downloaded: its sum differs"
                )


def make_manifest(folder: Path, resolution: Resolution) -> Manifest:
    """Return the manifest of the files that are in a folder."""
    return Manifest(resolution, {name: sum_file(path) for name, path in _walk(folder)})


def write_manifest(place: Path, manifest: Manifest) -> None:
    """Write a manifest beside the folder of the model."""
    document = {
        "format": FORMAT,
        "resolution": manifest.resolution.to_document(),
        "files": {name: [one.size, one.sha256] for name, one in manifest.files.items()},
    }
    (place / FILE).write_text(json.dumps(document, indent=1), encoding="utf-8")


def read_manifest(place: Path) -> Manifest:
    """Read the manifest of an entry. Raises UnreadableModel where it is damaged."""
    file = place / FILE
    try:
        document: Any = json.loads(file.read_bytes())
        _check_format(document["format"])
        files = {str(name): FileSum(*of) for name, of in document["files"].items()}
        return Manifest(parse_resolution(document["resolution"]), files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableModel(f"{file} is damaged: {error}") from error


def sum_file(path: Path) -> FileSum:
    """Return size and checksum of a file. Raises UnreadableModel."""
    try:
        # No file of a model is a link: what that leads to may be another one the next moment.
        with os.fdopen(os.open(path, _READ_NO_LINK), "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            return FileSum(os.fstat(stream.fileno()).st_size, digest.hexdigest())
    except OSError as error:
        raise UnreadableModel(f"cannot read {path}: {error.strerror or error}") from error


def _check_format(found: object) -> None:
    if found != FORMAT:
        raise ValueError(f"another version of Penstock wrote it, in the format {found!r}")


def _remove_compiled(folder: Path) -> None:
    for place in list(folder.rglob(_COMPILED)):
        # Where nothing can be removed, nothing can have been written by this user either.
        shutil.rmtree(place, ignore_errors=True)


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    for root, folders, names in os.walk(folder):
        # Python itself writes there when it imports code that came with a model.
        links = [name for name in folders if Path(root, name).is_symlink()]
        folders[:] = [name for name in folders if name != _COMPILED]
        for name in (*names, *links):
            path = Path(root, name)
            yield path.relative_to(folder).as_posix(), path
