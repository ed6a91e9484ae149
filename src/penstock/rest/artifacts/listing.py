import posixpath
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from penstock.errors import UnsafePath
from penstock.rest.artifacts.crew import Crew
from penstock.rest.artifacts.paths import join_path, safe_path
from penstock.rest.entities import FileInfo

MOST_LEVELS = 100
MOST_AT_ONCE = 8


class Listed(Protocol):
    """Whatever lists the files and folders in a folder."""

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""


def check_listing(folder: str, found: list[FileInfo]) -> list[FileInfo]:
    """Return what a server lists in a folder, checked and sorted by path.

    Raises UnsafePath when something does not lie directly in the folder. Some object stores list
    a file as its own only child; that counts as nothing, as in MLflow.
    """
    for file in found:
        holder, name = posixpath.split(file.path)
        if safe_path(file.path) != file.path or holder != folder or not name:
            raise UnsafePath(
                f"the server lists {file.path!r} in the artifact folder '{folder}', where it "
                "cannot be; nothing was written",
                "INVALID_PARAMETER_VALUE",
            )
    own_name = join_path(folder, posixpath.basename(folder))
    if folder and [(own_name, False)] == [(file.path, file.is_dir) for file in found]:
        return []
    return sorted(found, key=lambda file: file.path)


def walk(root: Listed, path: str) -> Iterator[FileInfo]:
    """Yield all files below a folder, and the folders that hold nothing.

    The folders of a level are listed several at once.
    """
    level = [path]
    for _ in range(MOST_LEVELS):
        deeper: list[str] = []
        for folder, found in _list_all(root, level):
            yield from (file for file in found if not file.is_dir)
            deeper.extend(file.path for file in found if file.is_dir)
            if not found and folder != path:
                yield FileInfo(folder, is_dir=True)
        if not deeper:
            return
        level = deeper
    raise UnsafePath(
        f"the artifact folder '{path}' is nested deeper than {MOST_LEVELS} folders",
        "INVALID_PARAMETER_VALUE",
    )


def _list_all(root: Listed, folders: list[str]) -> Iterator[tuple[str, list[FileInfo]]]:
    if len(folders) == 1:
        yield folders[0], root.children(folders[0])
        return
    tasks = {folder: partial(root.children, folder) for folder in folders}
    with Crew(tasks, most=MOST_AT_ONCE) as crew:
        for done in crew.done():
            yield done.name, done.get()
