import logging
import os
import shutil
from typing import Final

from penstock.errors import CacheError, UnreadableModel
from penstock.models.cache.entry import OpenEntry, open_entry
from penstock.models.cache.eviction import Kept, list_kept, remove, remove_where, shrink
from penstock.models.cache.folder import CacheFolder, unusable
from penstock.models.cache.leftovers import remove_leftovers
from penstock.models.cache.pins import Pins
from penstock.models.cache.publication import Fetch, fill, publish
from penstock.models.cache.single_flight import LONGEST_WAIT, single_flight
from penstock.models.resolution import Resolution

MOST_BYTES: Final = 10 * 1024**3
_EVICTION: Final = "eviction"


class ModelCache:
    """Models on this machine's disk, shared by all its processes. Safe against `kill -9`.

    Each model is in a directory of its own, which appears whole or not at all and never changes.
    Its files are compared with their checksums whenever it is opened. Of more than `most_bytes`,
    those go that were used longest ago; what is in use stays.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        most_bytes: int = MOST_BYTES,
        wait_seconds: float = LONGEST_WAIT,
    ) -> None:
        self.folder = CacheFolder(path)
        self._most_bytes = most_bytes
        self._wait_seconds = wait_seconds

    def pins(self, realm: str) -> Pins:
        """Return what references to a server meant when it was last asked."""
        return Pins(self.folder, realm)

    def find(self, key: str) -> OpenEntry | None:
        """Open an entry whose files are as they were downloaded, or return None.

        One that is damaged is removed, and a warning says so. Raises CacheError for a cache that
        others may write.
        """
        self.folder.check()
        entry = open_entry(self.folder.entry(key))
        if entry is None or _is_sound(entry):
            return entry
        with entry, single_flight(self.folder.lock(key), wait_seconds=self._wait_seconds):
            # Somebody else may have replaced it by a sound one by now.
            if entry.is_there:
                self.folder.throw_away(entry.path)
        return None

    def get(self, resolution: Resolution, fetch: Fetch) -> OpenEntry:
        """Open an entry; where there is none, fetch it first, once for all who ask meanwhile.

        Raises CacheError where the cache cannot be written, and what `fetch` raises.
        """
        entry = self.find(resolution.key)
        if entry is not None:
            return entry
        self.folder.make()
        with single_flight(self.folder.lock(resolution.key), wait_seconds=self._wait_seconds):
            entry = self._get_alone(resolution, fetch)
        self._shrink()
        return entry

    def list_entries(self) -> list[Kept]:
        """Return all entries, the one that was used longest ago first."""
        return list_kept(self.folder)

    def verify(self) -> dict[str, str]:
        """Compare all files with their checksums; return what is wrong, by key. Removes nothing."""
        found = {}
        for key in self.folder.list_keys():
            entry = open_entry(self.folder.entry(key))
            if entry is None:
                continue
            with entry:
                try:
                    entry.check()
                except UnreadableModel as error:
                    found[key] = str(error)
        return found

    def clear(self, name: str | None = None) -> list[Kept]:
        """Remove all entries, or those of one registered model; return which are gone.

        What is in use stays. Of what is gone, also before, neither locks nor pins are left.
        """
        if name is None:
            known = {kept.key: kept for kept in self.list_entries()}
            removed = [key for key in self.folder.list_keys() if remove(self.folder, key)]
            gone = [known[key] for key in removed if key in known]
        else:
            gone = remove_where(self.folder, lambda kept: kept.resolution.name == name)
        self.folder.empty_trash()
        remove_leftovers(self.folder, (kept.key for kept in gone), name=name)
        return gone

    def _get_alone(self, resolution: Resolution, fetch: Fetch) -> OpenEntry:
        entry = open_entry(self.folder.entry(resolution.key))
        if entry is not None:
            if _is_sound(entry):
                return entry
            with entry:
                self.folder.throw_away(entry.path)
        return self._fill(resolution, fetch)

    def _fill(self, resolution: Resolution, fetch: Fetch) -> OpenEntry:
        filling = self.folder.new_filling(resolution.key)
        place = self.folder.entry(resolution.key)
        try:
            fill(filling, resolution, fetch)
            if place.is_symlink():
                place.unlink()  # no entry of ours is a link, and none is followed
            publish(filling, place)
        except OSError as error:
            raise unusable(self.folder.path, error) from error
        finally:
            shutil.rmtree(filling, ignore_errors=True)
        entry = open_entry(place)
        if entry is None:
            raise CacheError(f"{place} was removed while it was being made; ask again")
        return entry

    def _shrink(self) -> None:
        try:
            with single_flight(self.folder.lock(_EVICTION), wait_seconds=0):
                self.folder.empty_trash()
                shrink(self.folder, self._most_bytes)
        except CacheError:
            # Somebody else is at it.
            return


def _is_sound(entry: OpenEntry) -> bool:
    try:
        entry.check()
    except UnreadableModel as error:
        logging.getLogger("penstock.models").warning("%s; it is removed and fetched again", error)
        return False
    entry.touch()
    return True
