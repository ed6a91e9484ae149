"""A worker's side of a connection to a dispatcher."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from penstock.serving.app import ServingApp
from penstock.serving.exchange import Request
from penstock.serving.workers.messages import Answer, Ask, Beat, Leaving, Reader, Ready, write


class Conversations:
    """The connections of a worker, which end when dispatchers let go of them."""

    def __init__(self, app: ServingApp) -> None:
        self.app = app
        self.is_leaving = False
        self._open: set[Conversation] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()

    def begin(self) -> "Conversation":
        """Return the protocol of a new connection."""
        return Conversation(self)

    def opened(self, conversation: "Conversation") -> None:
        """Count one more."""
        self._open.add(conversation)
        self._none_open.clear()

    def closed(self, conversation: "Conversation") -> None:
        """Count one less."""
        self._open.discard(conversation)
        if not self._open:
            self._none_open.set()

    async def leave(self) -> None:
        """Ask for no more requests, answer those that still come, and return when all is said."""
        self.is_leaving = True
        for conversation in self._open:
            conversation.say(Leaving())
        await self._none_open.wait()


class Conversation(asyncio.Protocol):
    """Answers the requests of one dispatcher, as they come."""

    def __init__(self, all_of_them: Conversations) -> None:
        self._all = all_of_them
        self._reader = Reader()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as both loops call it
        """Say that requests may come."""
        self._transport = transport
        self._all.opened(self)
        self.say(Ready())
        if self._all.is_leaving:
            self.say(Leaving())

    def data_received(self, data: bytes) -> None:
        """Begin to answer what is asked."""
        loop = asyncio.get_running_loop()
        for message in self._reader.feed(data):
            if isinstance(message, Ask):
                task = loop.create_task(self._answer(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif isinstance(message, Beat):
                self.say(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        """Stop answering: nobody listens any more."""
        for task in self._tasks:
            task.cancel()
        self._all.closed(self)

    def say(self, message: Answer | Beat | Ready | Leaving) -> None:
        """Send a message, if anybody still listens."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(write(message))

    async def _answer(self, asked: Ask) -> None:
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "method": asked.method,
            "path": asked.path,
            "query_string": asked.query,
            "headers": asked.headers,
        }

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        reply = await self._all.app.reply(Request(scope, receive))
        self.say(Answer(asked.number, reply.status, reply.body, reply.media_type, reply.headers))
