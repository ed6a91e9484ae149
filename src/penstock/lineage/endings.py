"""What happens to the runs of trackers that nobody stopped when their process ends."""

import atexit
import logging
import os
import sys
from typing import Protocol

from penstock.errors import PenstockError


class Stoppable(Protocol):
    """A tracker, as far as the end of its process concerns it."""

    def stop(self, *, status: str) -> None:
        """End its runs."""


class Endings:
    """Stops the trackers of this process at its end, as MLflow ends the runs that it began.

    A process that ends by an error leaves failed runs, which are nobody's previous version.
    """

    def __init__(self) -> None:
        self._all: dict[int, Stoppable] = {}
        self._pid = 0

    def know(self, tracker: Stoppable) -> None:
        """Stop a tracker at the end of this process unless it is stopped before."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._all = {}
            atexit.register(self._stop_all)
        self._all[id(tracker)] = tracker

    def forget(self, tracker: Stoppable) -> None:
        """Take that back."""
        self._all.pop(id(tracker), None)

    def _stop_all(self) -> None:
        if self._pid != os.getpid():
            return
        status = "FAILED" if getattr(sys, "last_value", None) is not None else "FINISHED"
        for tracker in list(self._all.values()):
            try:
                tracker.stop(status=status)
            except PenstockError as error:
                # One server that is away would be waited for by each of them.
                logging.getLogger("penstock.lineage").warning("runs were not ended: %s", error)
                return


ENDINGS = Endings()
