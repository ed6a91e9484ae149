"""One request and its answer, as ASGI has them."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

import msgspec

from penstock.errors import BodyRefused, ServingError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]

TEXT: Final = b"text/plain; charset=utf-8"
JSON: Final = b"application/json"

LEAST_BYTES_PER_SECOND: Final = 1000
"""A body that comes more slowly is given up."""

_CLOSE: Final[Headers] = ((b"connection", b"close"),)


class CallerGone(Exception):
    """Whoever asked has left; nobody waits for an answer."""


class Reply(NamedTuple):
    """An answer, ready to be sent."""

    status: int
    body: bytes
    media_type: bytes = JSON
    headers: Headers = ()


class Request(NamedTuple):
    """A request, its body still to be read."""

    scope: Scope
    receive: Receive

    def header(self, name: bytes) -> str | None:
        """Return a header by its name in lower case, or None."""
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value, "latin-1")
        return None

    def argument(self, name: str) -> str | None:
        """Return what the query says of a name, or None."""
        found = parse_qs(str(self.scope.get("query_string", b""), "latin-1")).get(name)
        return found[-1] if found else None

    @property
    def path(self) -> str:
        """The path, decoded."""
        return str(self.scope["path"])

    async def body(self, *, limit: int, seconds: float) -> bytes:
        """Return the whole body. Raises BodyRefused, or CallerGone.

        It may pause for so many seconds; in all it has as long again as its size needs at
        LEAST_BYTES_PER_SECOND.
        """
        length = self.header(b"content-length")
        if length is not None and int(length) > limit:
            raise _too_large(limit)
        message = await self._next(seconds)
        if not message.get("more_body", False):
            # The usual case: it has come in one piece.
            return _within(message.get("body", b""), limit)
        clock = asyncio.get_running_loop().time
        parts, size, begun = [message.get("body", b"")], len(message.get("body", b"")), clock()
        while message.get("more_body", False):
            left = seconds + size / LEAST_BYTES_PER_SECOND - (clock() - begun)
            message = await self._next(min(seconds, left))
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
        return b"".join(parts)

    async def _next(self, seconds: float) -> MutableMapping[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                message = await self.receive()
        except TimeoutError:
            raise BodyRefused(
                408, "REQUEST_TIMEOUT", "the body paused for too long, or came too slowly"
            ) from None
        if message["type"] == "http.disconnect":
            raise CallerGone
        return message


class Application(ABC):
    """An ASGI application without a framework: whole requests, whole answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start up and shut down."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            reply = await self.reply(Request(scope, receive))
        except CallerGone:
            return
        await send_reply(send, reply)

    @abstractmethod
    async def live(self, receive: Receive, send: Send) -> None:
        """Start up, and shut down when told."""

    @abstractmethod
    async def reply(self, request: Request) -> Reply:
        """Return the answer to a request. Raises CallerGone."""


async def send_reply(send: Send, reply: Reply) -> None:
    """Send an answer as a whole."""
    headers: list[Iterable[bytes]] = [
        (b"content-type", reply.media_type),
        (b"content-length", b"%d" % len(reply.body)),
        *reply.headers,
    ]
    start = {"type": "http.response.start", "status": reply.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": reply.body})


def refuse(error: ServingError) -> Reply:
    """Return the answer that an error is; after a refused body, the connection is of no use."""
    headers = _CLOSE if isinstance(error, BodyRefused) else error.headers
    return refusal(error.status, error.error_code, str(error))._replace(headers=headers)


def refusal(status: int, error_code: str, message: str) -> Reply:
    """Return an answer that says why there is none."""
    return Reply(status, msgspec.json.encode({"error_code": error_code, "message": message}))


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> BodyRefused:
    return BodyRefused(
        413, "REQUEST_TOO_LARGE", f"the body is larger than {limit} bytes; send fewer rows at once"
    )
