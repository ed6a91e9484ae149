"""What entries leave behind when they are gone: their locks, and what references meant by them."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from penstock.errors import CacheError
from penstock.models.cache.folder import CacheFolder, unusable
from penstock.models.cache.pins import read_pin
from penstock.models.cache.single_flight import single_flight


def remove_leftovers(folder: CacheFolder, gone: Iterable[str], *, name: str | None) -> None:
    """Remove what is left of the keys that are gone, and of a registered model; None means all.

    What belongs to an entry that is there, or is being filled, stays. Raises CacheError.
    """
    pins: defaultdict[str, list[Path]] = defaultdict(list)
    for file in folder.list_pins():
        meant = read_pin(file)
        if meant is None and name is None:
            _unlink(folder, file)  # damaged: it says nothing to anybody
        elif meant is not None and name in {None, meant.name}:
            pins[meant.key].append(file)
    locked = folder.list_locked() if name is None else []
    for key in {*gone, *pins, *locked}:
        _remove(folder, key, pins[key])


def _remove(folder: CacheFolder, key: str, pins: Iterable[Path]) -> None:
    lock = folder.lock(key)
    with ExitStack() as held:
        try:
            held.enter_context(single_flight(lock, wait_seconds=0))
        except CacheError:
            # Somebody else is at it.
            return
        if folder.entry(key).exists():
            return
        folder.remove_fillings(key)
        for file in pins:
            meant = read_pin(file)  # it may mean another one by now
            if meant is not None and meant.key == key:
                _unlink(folder, file)
        # While it is held: who waited for this very file begins anew, with another one.
        _unlink(folder, lock)


def _unlink(folder: CacheFolder, file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(folder.path, error) from error
