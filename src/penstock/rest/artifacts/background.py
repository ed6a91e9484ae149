import atexit
import os
from collections.abc import Callable
from logging import getLogger
from queue import SimpleQueue
from threading import Condition, Thread

from penstock.errors import PenstockError, Unsent

MOST_WAITING = 100
THREADS = 2
FLUSH_SECONDS = 30.0

log = getLogger("penstock.rest")


class BackgroundUploads:
    """Uploads that nobody waits for. A failure is logged, with the name of what is missing.

    When 100 wait, the caller waits too. Whoever leaves waits for an unreachable server for half a
    minute at most. Safe for use from several threads; the child of a fork has its own.
    """

    def __init__(self) -> None:
        self._begin()

    def submit(self, name: str, work: Callable[[], None]) -> None:
        """Do work soon; the name is for messages."""
        if self._owner != os.getpid():
            self._begin()
        with self._changed:
            self._changed.wait_for(lambda: self._unfinished < MOST_WAITING)
            self._unfinished += 1
            self._start_thread()
        self._waiting.put((name, work))

    def flush(self, timeout: float = FLUSH_SECONDS) -> None:
        """Wait until nothing is left. Raises Unsent when time is over."""
        if not self._wait(timeout):
            raise Unsent(
                f"{self._unfinished} uploads in the background did not end within {timeout:g} s; "
                "they go on"
            )

    def close(self, timeout: float = FLUSH_SECONDS) -> None:
        """Wait until nothing is left, or time is over; then log how many are lost."""
        if self._owner != os.getpid():
            return
        atexit.unregister(self.close)
        if not self._wait(timeout):
            log.error(
                "%d uploads in the background did not end within %g s; what they held is lost",
                self._unfinished,
                timeout,
            )
        for _ in self._threads:
            self._waiting.put(None)
        self._threads.clear()

    def _wait(self, timeout: float) -> bool:
        if self._owner != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._unfinished, timeout)

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._waiting: SimpleQueue[tuple[str, Callable[[], None]] | None] = SimpleQueue()
        self._unfinished = 0
        self._changed = Condition()
        self._threads: list[Thread] = []

    def _start_thread(self) -> None:
        if not self._threads:
            atexit.register(self.close)
        if len(self._threads) < THREADS:
            thread = Thread(target=self._work, name="penstock-background", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            name, work = task
            try:
                work()
            except PenstockError as error:
                log.error("%s was not uploaded: %s", name, error)  # noqa: TRY400 - it says all
            except Exception:
                log.exception("%s was not uploaded", name)
            with self._changed:
                self._unfinished -= 1
                self._changed.notify_all()
