"""Which entries go when a cache is larger than it may be."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from penstock.errors import CacheError, UnreadableModel
from penstock.models.cache.entry import seize_entry
from penstock.models.cache.folder import CacheFolder
from penstock.models.cache.manifest import FILE, read_manifest
from penstock.models.cache.single_flight import single_flight
from penstock.models.resolution import Resolution


class Kept(NamedTuple):
    """An entry of a cache: its size in bytes, and when it was last used, in seconds since 1970."""

    key: str
    path: Path
    resolution: Resolution
    size: int
    last_used: float


def list_kept(folder: CacheFolder) -> list[Kept]:
    """Return all entries, the one that was used longest ago first; damaged ones are left out."""
    found = []
    for key in folder.list_keys():
        path = folder.entry(key)
        try:
            manifest = read_manifest(path)
            last_used = (path / FILE).stat().st_mtime
        except (UnreadableModel, OSError):
            continue
        found.append(Kept(key, path, manifest.resolution, manifest.size, last_used))
    return sorted(found, key=lambda kept: kept.last_used)


def shrink(folder: CacheFolder, most_bytes: int) -> None:
    """Remove what was used longest ago, and is not in use, until the cache is small enough."""
    kept = list_kept(folder)
    excess = sum(one.size for one in kept) - most_bytes
    if excess <= 0:
        return
    for one in kept:
        if excess <= 0:
            break
        if remove(folder, one.key):
            excess -= one.size


def remove(folder: CacheFolder, key: str) -> bool:
    """Remove an entry unless it is in use, or being filled; return whether it is gone by that."""
    try:
        # Who comes meanwhile waits for the lock, and then fetches the model anew.
        with single_flight(folder.lock(key), wait_seconds=0):
            entry = seize_entry(folder.entry(key))
            if entry is None:
                return False
            with entry:
                folder.throw_away(entry.path)
            return True
    except CacheError:
        return False


def remove_where(folder: CacheFolder, is_meant: Callable[[Kept], bool]) -> list[Kept]:
    """Remove the entries that are meant and not in use; return those that are gone."""
    meant: Iterable[Kept] = filter(is_meant, list_kept(folder))
    return [one for one in meant if remove(folder, one.key)]
