import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from penstock.errors import PenstockError, SpoolError, TransportError
from penstock.rest.writer.backlog import Backlog
from penstock.rest.writer.delivery import Delivery, Refusal
from penstock.rest.writer.parcel import Parcel
from penstock.rest.writer.patience import GaveUp, Patience
from penstock.rest.writer.refused_items import RefusedItems

LINGER: Final = 0.1
"""How many seconds an item waits for others that could go with it."""
IDLE: Final = 5.0
"""After so many seconds without an item the thread ends; the next item starts another one."""


class Worker:
    """The background thread that takes parcels from a backlog and delivers them.

    All but the delivery itself happens under the lock; `changed` is notified of every change of
    the backlog that somebody may wait for.
    """

    def __init__(
        self,
        backlog: Backlog,
        delivery: Delivery,
        patience: Patience,
        *,
        on_idle: Callable[[], None],
    ) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.refused = RefusedItems()
        self._backlog = backlog
        self._delivery = delivery
        self._patience = patience
        self._on_idle = on_idle
        self._thread: threading.Thread | None = None
        self._is_asleep = False
        self._is_stopped = False
        self._hurried = 0

    @property
    def is_running(self) -> bool:
        """Tell whether there is a thread."""
        return self._thread is not None

    def start(self) -> None:
        """Start the thread. Raises TransportError when the system allows no more."""
        thread = threading.Thread(target=self._run, name="penstock-writer", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError as error:
            self._thread = None
            raise TransportError(
                f"cannot start the thread that sends what is logged ({error}); it waits: log with "
                "synchronous=True, or end other threads"
            ) from error

    def wake(self) -> None:
        """Have the thread look at the backlog."""
        if self._is_asleep:
            self._is_asleep = False
            self.changed.notify_all()

    def rush(self) -> None:
        """From now on send everything at once."""
        self._hurried += 1
        self._patience.hurry()
        self.wake()

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Have everything sent at once while somebody waits for it."""
        self.rush()
        try:
            yield
        finally:
            self._hurried -= 1

    def stop(self) -> None:
        """Have the thread end after what it does at the moment."""
        self._is_stopped = True
        self._patience.stop()
        with self.lock:
            self.changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the end of the thread."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _run(self) -> None:
        try:
            while (parcel := self._next()) is not None:
                refusals = self._deliver(parcel)
                if refusals is None:
                    return
                self.refused.add(refusals)
                with self.lock:
                    self._backlog.settle(refusals)
                    self.changed.notify_all()
        finally:
            with self.lock:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _deliver(self, parcel: Parcel) -> list[Refusal] | None:
        try:
            return self._delivery.deliver(parcel)
        except GaveUp:
            return None
        except Exception as error:
            # A fault of ours must not end the thread: all that is logged later would just wait.
            logging.getLogger("penstock.rest").exception("what was logged could not be sent")
            failure = PenstockError(f"what was logged could not be sent: {error!r}")
            return [Refusal(parcel.items, failure, is_final=False)]

    def _next(self) -> Parcel | None:
        while True:
            self._refill()
            with self.lock:
                if self._is_stopped:
                    return None
                now = time.monotonic()
                # What is full gains nothing by waiting for more.
                is_urgent = self._hurried or not self._backlog.has_room
                since = now if is_urgent else now - LINGER
                parcel = self._backlog.take(since=since)
                if parcel is not None:
                    return parcel
                if not self._sleep(now):
                    return None

    def _sleep(self, now: float) -> bool:
        """Wait until something may be due; tell whether to go on at all."""
        waits_since = self._backlog.waits_since()
        self._is_asleep = True
        is_woken = self.changed.wait(IDLE if waits_since is None else waits_since + LINGER - now)
        self._is_asleep = False
        if is_woken or self._backlog.count:
            return True
        self._thread = None
        self._on_idle()
        return False

    def _refill(self) -> None:
        with self.lock:
            journal = self._backlog.keeper.journal
            if journal is None or not self._backlog.wants_refill():
                return
            place, end, most = self._backlog.refill_from()
        try:
            items, place = journal.read(place, end=end, most=most)
        except SpoolError as error:
            logging.getLogger("penstock.rest").warning("%s; what stands there is not sent", error)
            with self.lock:
                self._backlog.drop_overflow(error)
            return
        with self.lock:
            self._backlog.refill(items, place)
            self.changed.notify_all()
