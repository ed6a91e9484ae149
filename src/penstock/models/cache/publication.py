"""How a directory that was filled beside becomes an entry, whole or not at all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from penstock.errors import LocalFileError, PenstockError, TransferFailed
from penstock.models.cache.manifest import MODEL, Manifest, make_manifest, write_manifest
from penstock.models.mlmodel import read_mlmodel
from penstock.models.resolution import Resolution

Fetch = Callable[[Path], object]
"""Writes the files of a model into a folder that is not there yet."""


def fill(filling: Path, resolution: Resolution, fetch: Fetch) -> Manifest:
    """Fetch a model into a directory, and write its manifest; all of it reaches the disk.

    Raises UnreadableModel for what is no model, and OSError where the disk refuses.
    """
    try:
        fetch(filling / MODEL)
    except PenstockError as error:
        refused = _find_disk_error(error)
        if refused is None:
            raise
        raise refused from error
    read_mlmodel(filling / MODEL)
    manifest = make_manifest(filling / MODEL, resolution)
    write_manifest(filling, manifest)
    _sync_all(filling)
    return manifest


def publish(filling: Path, place: Path) -> None:
    """Give a filled directory its place, which must be free."""
    filling.rename(place)
    _sync(place.parent)


def _find_disk_error(error: PenstockError) -> OSError | None:
    """Return what the disk said, where it was the disk that made a download fail."""
    failures = error.failures.values() if isinstance(error, TransferFailed) else (error,)
    for failure in failures:
        if isinstance(failure, LocalFileError):
            cause = failure.__cause__
            return cause if isinstance(cause, OSError) else OSError(str(failure))
    return None


def _sync_all(place: Path) -> None:
    # The rename must not reach the disk before what it names.
    for path in _paths(place):
        _sync(path)


def _paths(place: Path) -> Iterator[Path]:
    for root, _, names in os.walk(place):
        yield from (Path(root, name) for name in names)
        yield Path(root)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
