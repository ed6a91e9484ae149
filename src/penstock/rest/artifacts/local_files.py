import os
import stat
from collections.abc import Iterator
from logging import getLogger
from pathlib import Path
from typing import NamedTuple

from penstock.errors import LocalFileError, UnsafePath
from penstock.rest.artifacts.paths import join_path, safe_path


class LocalFile(NamedTuple):
    """A file to upload: where it is, links resolved, its name from the folder, its size."""

    path: Path
    name: str
    size: int


def find_file(path: str | os.PathLike[str]) -> LocalFile:
    """Return a single file. Raises LocalFileError when it is none."""
    found = _resolve(Path(path))
    return LocalFile(found, _checked_name(os.path.basename(os.path.abspath(path))), _size(found))  # noqa: PTH119, PTH100


def find_files(folder: str | os.PathLike[str]) -> list[LocalFile]:
    """Return all files below a folder, sorted by name; each has been judged.

    Raises UnsafePath for a symbolic link that leads out of the folder, and LocalFileError for
    what is no file. Links to folders inside are passed over, as in MLflow.
    """
    root = _resolve(Path(folder))
    if not root.is_dir():
        raise LocalFileError(f"cannot upload {folder}: it is no folder; name a file by itself")
    return sorted(_walk(root, root, ""), key=lambda file: file.name)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path, links followed, is a folder."""
    return Path(path).is_dir()


def _walk(root: Path, folder: Path, prefix: str) -> Iterator[LocalFile]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise LocalFileError(f"cannot read the folder {folder}: {error.strerror}") from error
    for entry in entries:
        name = join_path(prefix, _checked_name(entry.name))
        path = Path(entry.path)
        if entry.is_symlink():
            yield from _linked(root, path, name)
        elif entry.is_dir():
            yield from _walk(root, path, name)
        else:
            yield LocalFile(path, name, _size(path))


def _linked(root: Path, link: Path, name: str) -> Iterator[LocalFile]:
    target = _resolve(link)
    if not target.is_relative_to(root):
        raise UnsafePath(
            f"the symbolic link {link} leads out of the folder that is to be uploaded, to "
            f"{target}; put a copy in its place, or upload that file by itself",
            "INVALID_PARAMETER_VALUE",
        )
    if target.is_dir():
        getLogger("penstock.rest").warning("not uploaded: %s, a link to a folder", link)
        return
    yield LocalFile(target, name, _size(target))


def _resolve(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # the second: links that lead round in a circle
        raise LocalFileError(f"cannot upload {path}: {error}") from error


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except OSError as error:
        raise LocalFileError(f"cannot upload {path}: {error.strerror}") from error
    if stat.S_ISREG(found.st_mode):
        return found.st_size
    kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no file"
    raise LocalFileError(f"cannot upload {path}: it is {kind}")


def _checked_name(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise LocalFileError(f"cannot upload {name!r}: its name is not UTF-8; rename it") from error
    if safe_path(name) != name:
        raise UnsafePath(f"cannot upload {name!r}: rename it", "INVALID_PARAMETER_VALUE")
    return name
