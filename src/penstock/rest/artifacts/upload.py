import os
from functools import partial
from pathlib import Path

from penstock.rest._content import BytesContent, file_content
from penstock.rest.artifacts.local_files import LocalFile, find_file, find_files, is_folder
from penstock.rest.artifacts.paths import join_path, safe_path
from penstock.rest.artifacts.progress import Direction
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.transfers import Transfer, run_transfers
from penstock.rest.artifacts.watch import Watch, WatchedContent


def upload_path(root: ArtifactRoot, path: str | os.PathLike[str], folder: str | None) -> None:
    """Upload a file, or a folder with its name, into a folder of the root."""
    if is_folder(path):
        name = os.path.basename(os.path.abspath(path))  # noqa: PTH100, PTH119 - links are not followed
        upload_folder(root, path, join_path(safe_path(folder or ""), safe_path(name)))
    else:
        upload_file(root, path, folder)


def upload_file(root: ArtifactRoot, path: str | os.PathLike[str], folder: str | None) -> None:
    """Upload a file into a folder of the root, under its own name."""
    _upload(root, [find_file(path)], safe_path(folder or ""))


def upload_folder(root: ArtifactRoot, path: str | os.PathLike[str], folder: str | None) -> None:
    """Upload all that lies in a folder into a folder of the root.

    Nothing is uploaded before everything has been judged. All files are tried; of several,
    TransferFailed names those that failed.
    """
    _upload(root, find_files(path), safe_path(folder or ""))


def upload_bytes(root: ArtifactRoot, data: bytes, file: str) -> None:
    """Make data the content of a file of the root."""
    name = safe_path(file)
    root.check_name(name)
    root.store(name, BytesContent(data))


def upload_as(root: ArtifactRoot, path: str | os.PathLike[str], file: str) -> None:
    """Upload a file under another name."""
    _upload(root, [find_file(path)._replace(name=safe_path(file))], "")


def _upload(root: ArtifactRoot, files: list[LocalFile], folder: str) -> None:
    places = {join_path(folder, file.name): file for file in files}
    for place in places:
        root.check_name(place)
    run_transfers(
        [
            Transfer(place, file.size, partial(_store, root, file.path, place))
            for place, file in places.items()
        ],
        Direction.UP,
    )


def _store(root: ArtifactRoot, path: Path, place: str, watch: Watch) -> None:
    root.store(place, WatchedContent(file_content(path), watch))
