import os
import shutil
import tempfile
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import NamedTuple

from penstock.errors import LocalFileError
from penstock.rest._artifact_paths import local_target
from penstock.rest._artifact_roots import ArtifactRoot
from penstock.rest._sink import StoppableSink

MOST_TRANSFERS = 8
GRACE_SECONDS = 5


class Wanted(NamedTuple):
    """A file to download: where it comes from, and its place below the destination.

    With `remote` of None it is an empty folder.
    """

    root: ArtifactRoot
    remote: str | None
    local: str


def download(wanted: list[Wanted], dst_path: str | os.PathLike[str] | None) -> str:
    """Download files into a folder, made if needed, and return it; None means a new one.

    Nothing is written before every place has been judged. Each file appears whole or not at all.
    """
    if dst_path is None:
        return _download_into_new_folder(wanted)
    folder = Path(os.path.abspath(dst_path))  # noqa: PTH100 - `resolve` would follow links
    targets = {local_target(folder, item.local): item for item in wanted}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, item in targets.items():
            holder = target if item.remote is None else target.parent
            holder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(f"cannot make a folder for the download: {error}") from error
    _transfer({target: item for target, item in targets.items() if item.remote is not None})
    return str(folder)


def _download_into_new_folder(wanted: list[Wanted]) -> str:
    folder = tempfile.mkdtemp(prefix="penstock-")
    try:
        return download(wanted, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _transfer(targets: dict[Path, Wanted]) -> None:
    stopped = Event()
    pool = ThreadPoolExecutor(MOST_TRANSFERS, thread_name_prefix="penstock-download")
    running = [
        pool.submit(_write, target, item, stopped=stopped) for target, item in targets.items()
    ]
    try:
        _raise_first(running)
    except Exception:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        wait(running, timeout=GRACE_SECONDS)
        raise
    finally:
        # After Ctrl-C nobody waits for the rest, and each file ends with its next part.
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _raise_first(running: list["Future[None]"]) -> None:
    done, _ = wait(running, return_when=FIRST_EXCEPTION)
    for future in running:
        if future in done:
            future.result()


def _write(target: Path, item: Wanted, *, stopped: Event) -> None:
    part = target.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with part.open("xb") as file:
            item.root.fetch(item.remote or "", StoppableSink(file, stopped))
        part.replace(target)
    except OSError as error:
        raise LocalFileError(f"cannot write {target}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
