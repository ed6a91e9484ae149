"""What a dispatcher and a worker say to each other: MessagePack, each message after its length."""

from collections.abc import Iterator
from typing import Final

import msgspec

from penstock.serving.exchange import Headers


class Ask(msgspec.Struct, frozen=True, array_like=True, tag="ask"):
    """A request, whole; `number` tells it from others of the same connection."""

    number: int
    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes


class Answer(msgspec.Struct, frozen=True, array_like=True, tag="answer"):
    """The answer to a request."""

    number: int
    status: int
    body: bytes
    media_type: bytes
    headers: Headers


class Ready(msgspec.Struct, frozen=True, array_like=True, tag="ready"):
    """The worker has loaded what it can, and takes requests."""


class Leaving(msgspec.Struct, frozen=True, array_like=True, tag="leaving"):
    """The worker ends once it is asked nothing more."""


class Beat(msgspec.Struct, frozen=True, array_like=True, tag="beat"):
    """A dispatcher asks for a sign of life, and the worker says the same."""


Message = Ask | Answer | Ready | Leaving | Beat

_HEAD: Final = 4
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Message)


def write(message: Message) -> bytes:
    """Return a message with its length before it."""
    content = _ENCODER.encode(message)
    return len(content).to_bytes(_HEAD, "big") + content


class Reader:
    """Puts messages together from what comes of them."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that are whole."""
        self._buffer += data
        start = 0
        while (end := self._find_end(start)) is not None:
            with memoryview(self._buffer) as view:
                message = _DECODER.decode(view[start + _HEAD : end])
            start = end
            yield message
        del self._buffer[:start]

    def _find_end(self, start: int) -> int | None:
        body = start + _HEAD
        if len(self._buffer) < body:
            return None
        end = body + int.from_bytes(self._buffer[start:body], "big")
        return end if end <= len(self._buffer) else None
