"""Threads in which calls wait for MLflow, or for processes: few, and with a bounded queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from penstock.errors import UpstreamError

T = TypeVar("T")

THREADS: Final = 8
MOST_WAITING: Final = 256


class Workers:
    """Runs blocking calls beside the event loop. A caller who leaves does not end their call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=name)
        self._waiting = 0

    async def run(self, call: Callable[[], T]) -> T:
        """Return what a call returns. Raises UpstreamError where too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise UpstreamError(f"too many calls about {self._name} wait for MLflow")
        self._waiting += 1
        done = asyncio.get_running_loop().run_in_executor(self._threads, call)
        done.add_done_callback(self._leave)
        return await asyncio.shield(done)

    def close(self) -> None:
        """End the threads, once what is under way is done."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _leave(self, done: "asyncio.Future[T]") -> None:
        self._waiting -= 1
        if not done.cancelled():
            done.exception()  # seen, where its caller has left
