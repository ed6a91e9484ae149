"""Threads in which one model predicts. A call that hangs takes its thread along, and no other."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

from penstock.errors import PredictionTimeout

MOST_THREADS: Final = 8
MOST_LOST: Final = 32
"""Threads of calls that have hung; when so many hang, the model is not asked any more."""

Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class Lanes:
    """Runs calls in threads that are started when needed, at most `MOST_THREADS` at once."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0
        self._lost = 0

    async def run(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call returns
        """Return what a call returns, in another thread. Raises what it raises.

        Raises PredictionTimeout when it takes too long; it goes on, and nobody hears of it.
        """
        if self._lost >= MOST_LOST:
            raise PredictionTimeout(
                f"{self._lost} predictions of this model hang; it is not asked until one ends"
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        started = _Started(call, self)
        self._enqueue((started, answer, loop))
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except TimeoutError:
            started.give_up()
            raise PredictionTimeout(
                f"the model has not answered within {self._seconds:g} seconds"
            ) from None

    def close(self) -> None:
        """Let idle threads end; a later call starts new ones."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)

    def _enqueue(self, job: Job) -> None:
        with self._lock:
            self._jobs.put(job)
            if self._idle < self._jobs.qsize() and self._threads < MOST_THREADS:
                self._threads += 1
                threading.Thread(target=self._work, name="penstock-model", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            job = self._jobs.get()
            with self._lock:
                self._idle -= 1
                if job is None:
                    self._threads -= 1
                    return
            if not _answer(job):
                with self._lock:
                    self._lost -= 1
                return

    def _lose(self) -> None:
        with self._lock:
            self._threads -= 1
            self._lost += 1


class _Started:
    """A call that somebody may give up while it runs: then its thread does not count any more."""

    def __init__(self, call: Callable[[], Any], lanes: Lanes) -> None:
        self._call = call
        self._lanes = lanes
        self._lock = threading.Lock()
        self._is_running = False
        self.is_given_up = False

    def __call__(self) -> Any:  # noqa: ANN401 - whatever the call returns
        with self._lock:
            if self.is_given_up:
                return None
            self._is_running = True
        try:
            return self._call()
        finally:
            with self._lock:
                self._is_running = False

    def give_up(self) -> None:
        with self._lock:
            self.is_given_up = True
            if self._is_running:
                self._was_lost = True
                self._lanes._lose()  # noqa: SLF001 - of the same file

    _was_lost = False

    @property
    def was_lost(self) -> bool:
        """Whether its thread was given up with it."""
        with self._lock:
            return self._was_lost


def _answer(job: Job) -> bool:
    """Run a job and tell its loop; return whether the thread may take another one."""
    call, answer, loop = job
    try:
        result, error = call(), None
    except BaseException as raised:  # noqa: BLE001 - the caller gets it, whatever it is
        result, error = None, raised
    try:
        loop.call_soon_threadsafe(_settle, answer, result, error)
    except RuntimeError:
        # The loop has ended; nobody waits any more.
        return True
    return not (isinstance(call, _Started) and call.was_lost)


def _settle(answer: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
