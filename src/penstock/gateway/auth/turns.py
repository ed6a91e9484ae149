"""Turns at what only a few can do at a time, fairly among those who ask."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets so many in at once, and those who wait by turns of their keys.

    Whoever comes with a crowd waits for the crowd; others wait for one of it. Used by one event
    loop.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn, and hold it until the block ends."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(key)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, key: str) -> None:
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                self._pass_on()  # called in the very moment when it left
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            key, crowd = self._waiting.popitem(last=False)
            called = crowd.popleft()
            if crowd:
                self._waiting[key] = crowd
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
