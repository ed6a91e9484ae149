"""What happens to the writers of this process when it ends, and in the children of a fork."""

import atexit
import os
import sys
import threading
import time
import weakref
from typing import Protocol


class Leaver(Protocol):
    """A writer, as far as the end of its process concerns it."""

    def rush(self) -> None:
        """From now on send what there is without waiting for more."""

    def leave(self, *, since: float) -> None:
        """Send what there is, as long as the server takes it, and end."""

    def abandon(self) -> None:
        """Forget everything in the child of a fork: it belongs to the parent."""


class Exits:
    """The writers of this process that have something to do, and all that there are."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_leaving = False
        self._busy: set[Leaver] = set()
        self._all: weakref.WeakSet[Leaver] = weakref.WeakSet()
        self._is_watching = False
        self._finalized = 0

    def know(self, writer: Leaver) -> None:
        """Have a writer told of forks."""
        with self.lock:
            self._all.add(writer)
            if not self._is_watching:
                self._is_watching = True
                os.register_at_fork(after_in_child=self._abandon_all)
                atexit.register(self._leave_all)

    def hold(self, writer: Leaver) -> None:
        """Have a writer told of the end of the process, from now on."""
        with self.lock:
            self._busy.add(writer)
            self._watch_pool_worker()

    def release(self, writer: Leaver) -> None:
        """Take that back: it has nothing to do any more."""
        with self.lock:
            self._busy.discard(writer)

    def _watch_pool_worker(self) -> None:
        # The children that `multiprocessing` forks end without the functions of `atexit`.
        util = sys.modules.get("multiprocessing.util")
        process = sys.modules.get("multiprocessing.process")
        if util is None or process is None or self._finalized == os.getpid():
            return
        if process.parent_process() is not None:
            self._finalized = os.getpid()
            util.Finalize(None, self._leave_all, exitpriority=10)

    def _leave_all(self) -> None:
        self.is_leaving = True
        since = time.monotonic()
        with self.lock:
            writers = list(self._busy)
        for writer in writers:
            writer.rush()
        for writer in writers:
            writer.leave(since=since)

    def _abandon_all(self) -> None:
        self.lock = threading.RLock()
        self._busy = set()
        writers = list(self._all)
        self._all = weakref.WeakSet()
        for writer in writers:
            writer.abandon()


EXITS = Exits()
