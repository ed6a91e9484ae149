import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from penstock.errors import LocalFileError
from penstock.rest._sink import DownloadSink
from penstock.rest.artifacts.paths import Destination
from penstock.rest.artifacts.progress import Direction
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.transfers import Transfer, run_transfers
from penstock.rest.artifacts.watch import Watch
from penstock.rest.artifacts.written_beside import written_beside


class Wanted(NamedTuple):
    """A file to download: where it comes from, and its place below the destination.

    With `remote` of None it is an empty folder. `size` in bytes is None if it is not known.
    """

    root: ArtifactRoot
    remote: str | None
    local: str
    size: int | None = None


def download(wanted: list[Wanted], dst_path: str | os.PathLike[str] | None) -> str:
    """Download files into a folder, made if needed, and return it; None means a new one.

    Nothing is written before every place has been judged. Each file appears whole or not at all.
    All are tried; of several, TransferFailed names those that failed, and nothing of these is
    left, nor an empty folder that was made for them.
    """
    if dst_path is None:
        return _download_into_new_folder(wanted)
    folder = Path(os.path.abspath(dst_path))  # noqa: PTH100 - `resolve` would follow links
    destination = Destination(folder)
    targets = {_judge(destination, item): item for item in wanted}
    with _made({folder, *(_holder(target, item) for target, item in targets.items())}):
        run_transfers(
            [
                Transfer(item.local, item.size, partial(_write, target, item, item.remote))
                for target, item in targets.items()
                if item.remote is not None
            ],
            Direction.DOWN,
        )
    return str(folder)


def _download_into_new_folder(wanted: list[Wanted]) -> str:
    folder = tempfile.mkdtemp(prefix="penstock-")
    try:
        return download(wanted, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _made(folders: set[Path]) -> Iterator[None]:
    """Make folders; after a failure in the block those of them that stayed empty go again."""
    new = {parent for folder in folders for parent in _missing(folder)}
    try:
        for folder in folders:
            _make(folder)
        yield
    except BaseException:
        for folder in sorted(new, reverse=True):  # the inner ones first
            with suppress(OSError):
                folder.rmdir()
        raise


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(f"cannot make a folder for the download: {error}") from error


def _missing(folder: Path) -> Iterator[Path]:
    """Yield a folder and those above it that are not there."""
    places = (folder, *folder.parents)
    return takewhile(lambda path: not os.path.exists(path), places)  # noqa: PTH110 - raises nothing


def _judge(destination: Destination, item: Wanted) -> Path:
    if item.remote is not None:
        item.root.check_name(item.remote)
    return destination.target(item.local)


def _holder(target: Path, item: Wanted) -> Path:
    return target if item.remote is None else target.parent


def _write(target: Path, item: Wanted, remote: str, watch: Watch) -> None:
    with written_beside(target) as file:
        sink = DownloadSink(file, target, watch.stopped, watch.advance)
        item.root.fetch(remote, sink, size=item.size)
