"""Threads that predict, shared by all models of a process: few that are busy, not many in turns.

A thread that has just begun is likely to be done soon, and has warm caches: what is asked for
meanwhile waits for it, and another thread is woken only if that takes longer than a moment. The
loop hears of jobs that follow each other when the last one has ended, or after that moment: while
it wrote answers, it would keep the thread from the next job.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

MOMENT_SECONDS: Final = 0.001


class Job:
    """A call for another thread, and the future of its answer. It may be given up."""

    def __init__(self, call: Callable[[], Any], ended: Callable[["Job"], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Any] = self.loop.create_future()
        self.is_given_up = False
        self._call = call
        self._ended = ended
        self._lock = threading.Lock()
        self._is_running = False
        self._result: Any = None
        self._error: BaseException | None = None

    def give_up(self) -> bool:
        """Expect no answer any more; return whether a thread is at it, and lost with it."""
        with self._lock:
            self.is_given_up = True
            return self._is_running

    def run(self) -> bool:
        """Make the call; return whether the thread is free again."""
        with self._lock:
            if not self.is_given_up:
                self._is_running = True
        if self._is_running:
            try:
                self._result = self._call()
            except BaseException as raised:  # noqa: BLE001 - the caller gets it, whatever it is
                self._error = raised
        with self._lock:
            was_lost = self._is_running and self.is_given_up
            self._is_running = False
        return not was_lost

    def settle(self) -> None:
        """Give the answer to whoever waits for it, in the loop."""
        self._ended(self)
        if self.answer.done():
            return
        if self._error is None:
            self.answer.set_result(self._result)
        else:
            self.answer.set_exception(self._error)


class Threads:
    """Runs jobs in threads that are started when needed, and stay."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._ended: list[Job] = []
        self._lock = threading.Lock()
        # Held by idle threads, which wait for them once more; the last one has the warmest caches.
        self._idle: list[threading.Lock] = []
        self._busy = 0
        self._begun = 0.0
        self._is_looking = False

    def submit(self, job: Job) -> None:
        """Let a thread run a job."""
        with self._lock:
            self._jobs.append(job)
        self._look(job.loop)

    def lose_one(self) -> None:
        """Count a thread no more: its job does not end."""
        with self._lock:
            self._busy -= 1
            if self._jobs:
                self._wake_one()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake a thread for what is there to do, unless one is likely to be free in a moment."""
        with self._lock:
            if not self._jobs:
                return
            if not self._busy or time.monotonic() - self._begun > MOMENT_SECONDS:
                self._wake_one()
                return
            if self._is_looking:
                return
            self._is_looking = True
        # The loop's clock stands still while it works, so this may come too early.
        loop.call_later(MOMENT_SECONDS, self._look_again, loop)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._is_looking = False
        self._settle(loop)
        self._look(loop)

    def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give all answers that are there."""
        with self._lock:
            ended = [job for job in self._ended if job.loop is loop]
            self._ended = [job for job in self._ended if job.loop is not loop]
        for job in ended:
            job.settle()

    def _wake_one(self) -> None:
        self._busy += 1
        self._begun = time.monotonic()
        if self._idle:
            self._idle.pop().release()
        else:
            threading.Thread(target=self._work, name="penstock-model", daemon=True).start()

    def _work(self) -> None:
        gate = threading.Lock()
        gate.acquire()
        while True:
            while (job := self._take(gate)) is not None:
                is_free = job.run()
                self._tell(job)
                if not is_free:
                    return
            gate.acquire()

    def _tell(self, job: Job) -> None:
        """Let the loop settle a job; not yet if there is another one, and it looks here soon."""
        with self._lock:
            self._ended.append(job)
            if self._is_looking and self._jobs:
                return
        # Once the loop has ended, nobody waits any more.
        with contextlib.suppress(RuntimeError):
            job.loop.call_soon_threadsafe(self._settle, job.loop)

    def _take(self, gate: threading.Lock) -> Job | None:
        """Return the next job; without one, count the thread as idle: its gate will open."""
        with self._lock:
            if self._jobs:
                self._begun = time.monotonic()
                return self._jobs.popleft()
            self._busy -= 1
            self._idle.append(gate)
            return None
