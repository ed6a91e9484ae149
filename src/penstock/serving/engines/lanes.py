"""The calls of one model, in threads. A call that hangs takes its thread along, and no other."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from penstock.errors import PredictionTimeout
from penstock.serving.engines.threads import Job, Threads

MOST_CALLS: Final = 8
"""How many calls of one model run at once; others wait, and no other model waits with them."""

MOST_LOST: Final = 32
"""Threads of calls that have hung; when so many hang, the model is not asked any more."""


class Lanes:
    """Runs the calls of one model in threads that others use as well."""

    def __init__(self, threads: Threads, *, seconds: float) -> None:
        self._threads = threads
        self._seconds = seconds
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._lost: set[Job] = set()

    async def run(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call returns
        """Return what a call returns, in another thread. Raises what it raises.

        Raises PredictionTimeout when it takes too long. Then, and when whoever asked has left, it
        goes on, and nobody hears of it.
        """
        if len(self._lost) >= MOST_LOST:
            raise PredictionTimeout(
                f"{len(self._lost)} predictions of this model hang; it is not asked until one ends"
            )
        job = Job(call, self._ended)
        self._waiting.append(job)
        self._go_on()
        timer = job.loop.call_later(self._seconds, self._time_out, job)
        try:
            return await job.answer
        except asyncio.CancelledError:
            # It may hang, and nobody is left to find that out: its place is free at once.
            self._give_up(job)
            raise
        finally:
            timer.cancel()

    def _time_out(self, job: Job) -> None:
        self._give_up(job)
        if not job.answer.done():
            job.answer.set_exception(
                PredictionTimeout(f"the model has not answered within {self._seconds:g} seconds")
            )

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < MOST_CALLS:
            job = self._waiting.popleft()
            self._running.add(job)
            self._threads.submit(job)

    def _give_up(self, job: Job) -> None:
        if job in self._waiting:
            self._waiting.remove(job)
        elif job.give_up():
            self._running.discard(job)
            self._lost.add(job)
            self._threads.lose_one()
            self._go_on()

    def _ended(self, job: Job) -> None:
        self._running.discard(job)
        self._lost.discard(job)
        self._go_on()
