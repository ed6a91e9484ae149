"""HTTP/1.1 as uvicorn speaks it, with bounds on heads that uvicorn leaves open."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024


class OneWrite:
    """A transport that sends what is written in one turn of the loop, head and body, at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it before the loop turns again."""
        if not self._written:
            self._loop.call_soon(self._flush)
        self._written.append(data)

    def close(self) -> None:
        """Send what is left, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        written, self._written = self._written, []
        if written and not self._transport.is_closing():
            self._transport.write(b"".join(written))


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol; a head that is endless (431) or does not end in time (408) is refused."""

    head_seconds: float = 30.0

    _head_bytes = 0
    _is_in_body = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Give the caller a bounded time for the first head."""
        super().connection_made(OneWrite(transport, self.loop))  # type: ignore[arg-type] # it is all of a transport that is used
        self._begin_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        super().connection_lost(exc)
        self._end_deadline()

    def data_received(self, data: bytes) -> None:
        """Count what has come of a head."""
        if not self._is_in_body:
            if self._deadline is None:
                self._begin_deadline()
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._is_in_body and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Go on with the body, which has bounds of its own."""
        self._end_deadline()
        self._is_in_body = True
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._is_in_body = False
        super().on_message_complete()

    def _begin_deadline(self) -> None:
        self._deadline = self.loop.call_later(
            self.head_seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT
        )

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._end_deadline()
        if self.transport.is_closing():
            return
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode())
        self.transport.close()


def bounded_protocol(head_seconds: float) -> type[BoundedProtocol]:
    """Return the protocol with a bound on the time of a head."""
    return type("Protocol", (BoundedProtocol,), {"head_seconds": head_seconds})
