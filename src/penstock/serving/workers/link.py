"""A dispatcher's connection to one worker, and what the worker has yet to answer."""

import asyncio
from collections.abc import Callable

from penstock.serving.exchange import Reply, Request
from penstock.serving.workers.messages import Answer, Ask, Beat, Leaving, Reader, Ready, write


class WorkerLost(Exception):
    """The worker has ended before it answered; another may answer."""


class Link(asyncio.Protocol):
    """Asks one worker. `changed` is called when it begins or ceases to take requests.

    It is also called when the worker is silent no more. `missed` is how many signs of life the
    worker owes, one after the other.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.is_leaving = False
        self.missed = 0
        self.ended = asyncio.Event()
        self._has_loaded = False
        self._changed = changed
        self._reader = Reader()
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._number = 0
        self._transport: asyncio.Transport | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the worker takes requests. Its transport knows of its end before we are told."""
        return self._has_loaded and self._transport is not None and not self._transport.is_closing()

    @property
    def is_silent(self) -> bool:
        """Whether the worker owes more than the last sign of life that it was asked for."""
        return self.missed > 1

    @property
    def load(self) -> int:
        """How many requests it has yet to answer."""
        return len(self._waiting)

    async def ask(self, request: Request, body: bytes) -> Reply:
        """Return the worker's answer to a request. Raises WorkerLost."""
        if self._transport is None or self._transport.is_closing():
            raise WorkerLost
        self._number += 1
        number = self._number
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        scope = request.scope
        asked = Ask(
            number,
            scope["method"],
            request.path,
            scope["query_string"],
            tuple(scope["headers"]),
            body,
        )
        self._transport.write(write(asked))
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)
            if self.is_leaving:
                self._changed()

    def close(self) -> None:
        """End the connection; what is still asked is lost."""
        if self._transport is not None:
            self._transport.close()

    def beat(self) -> None:
        """Ask a worker that takes requests for a sign of life."""
        if self._transport is not None and self.is_ready:
            self.missed += 1
            self._transport.write(write(Beat()))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as both loops call it
        """Keep the way to the worker."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what the worker says."""
        was_silent, self.missed = self.is_silent, 0
        if was_silent:
            self._changed()
        for message in self._reader.feed(data):
            match message:
                case Answer(number, status, body, media_type, headers):
                    waiting = self._waiting.get(number)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(Reply(status, body, media_type, headers))
                case Ready():
                    self._has_loaded = True
                    self._changed()
                case Leaving():
                    self.is_leaving = True
                    self._changed()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        """Tell all who wait that the worker has ended."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(WorkerLost())
        self.ended.set()
        self._changed()
