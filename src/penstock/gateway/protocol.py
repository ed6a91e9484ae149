"""HTTP/1.1 as uvicorn speaks it, with bounds that uvicorn leaves open."""

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from penstock.gateway.proxy.request_headers import MAX_TOTAL_BYTES

HEAD_SLACK_BYTES = 262_144
"""What one read from the socket may bring beyond the head's limit: the begin of a body."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also refuses what it can be made to wait or guess for.

    An endless head (431), a request target that is no path (400), a body that ends early (400).
    """

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Count the head's bytes on the way to the parser."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_TOTAL_BYTES:
            self._refuse(431, "Request Header Fields Too Large", "the head is too large")

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Accept only targets in origin form: a path and a query (RFC 9112, 3.2.1)."""
        self._in_head = False
        self._head_bytes = 0
        if not self.url.startswith(b"/"):
            self._refuse(400, "Bad Request", "the request target must be a path")
            return
        super().on_headers_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Answer a caller that ends its side in the middle of a body."""
        # uvicorn sets `cycle` with the first request; its annotation does not say so.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_started:
            self._refuse(400, "Bad Request", "the body of the request was cut off")
        return None

    def _refuse(self, status: int, phrase: str, message: str) -> None:
        if self.transport.is_closing():
            return
        body = json.dumps({"error_code": "BAD_REQUEST", "message": message}).encode("ascii")
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
