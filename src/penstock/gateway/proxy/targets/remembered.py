"""What has been learned of MLflow, bounded in number and, where it may change, in time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """A map of at most `limit` entries, the least recently used leaving first.

    Entries older than `seconds` do not count. Safe under threads; what was asked for before a
    `forget` is not remembered after it.
    """

    def __init__(
        self,
        limit: int,
        *,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._entries: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._lock = threading.Lock()
        self.generation = 0

    def get(self, key: K) -> V | None:
        """Return an entry, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            value, since = entry
            if self._seconds is not None and self._clock() - since > self._seconds:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: K, value: V, *, generation: int | None = None) -> None:
        """Remember an entry, unless it was asked for in a generation that is over."""
        with self._lock:
            if generation not in {None, self.generation}:
                return
            self._entries[key] = (value, self._clock())
            self._entries.move_to_end(key)
            if len(self._entries) > self._limit:
                self._entries.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self.generation += 1
            self._entries.clear()
