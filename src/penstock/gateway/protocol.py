"""HTTP/1.1 as uvicorn speaks it, with bounds that uvicorn leaves open."""

import asyncio
import json
import re
from http import HTTPStatus
from uuid import uuid4

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from penstock.gateway.departure import Departure, extension_with, find_departure
from penstock.gateway.proxy.request_body import has_body
from penstock.gateway.proxy.request_headers import MAX_TOTAL_BYTES, find_header
from penstock.gateway.proxy.request_target import MAX_TARGET_BYTES, TOO_LONG

log = structlog.get_logger()

HEAD_SECONDS = 30.0

HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host and its port. It becomes a part of links, where anything else could lead elsewhere."""

MOST_PIPELINED = 32
"""Requests of one connection that may wait for their turn."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also refuses what it can be made to wait or guess for.

    An endless head (431) or one that never ends (408), a request target that is no path (400), a
    head without its one good Host (400), a body that ends early (400). Fields behind a body are no
    headers. Every request can be told that its caller has left.
    """

    head_seconds = HEAD_SECONDS

    _in_head = False
    _in_body = False
    _barren_bytes = 0
    _deadline: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None
    _farewell: bytes | None = None
    """A refusal that waits for the answers to the requests before it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the caller a bounded time for the first head."""
        super().connection_made(transport)
        self._begin_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered; uvicorn tells only the newest one."""
        super().connection_lost(exc)
        self._end_deadline()
        if self._running is not None:
            self._tell_gone(self._running)

    def data_received(self, data: bytes) -> None:
        """Count the bytes that bring neither a head to its end nor a part of a body."""
        if self._is_over():
            return
        self._barren_bytes += len(data)
        self._parse(data)
        if self._barren_bytes > MAX_TOTAL_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too large")
        elif self._is_idle():
            self._begin_deadline()

    def eof_received(self) -> None:
        """Answer a caller that ends its side in the middle of a body."""
        if self._in_body:
            self._refuse(HTTPStatus.BAD_REQUEST, "the body of the request was cut off")

    def on_message_begin(self) -> None:
        """Let the request be told when its caller has left."""
        super().on_message_begin()
        self._in_head = True
        self.scope["extensions"] = extension_with(Departure())

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take the fields of a head; those of a trailer are no headers (RFC 9110, 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Accept only targets in origin form (RFC 9112, 3.2.1) and bodies that can be read."""
        self._in_head = False
        self._barren_bytes = 0
        self._check_version()
        self._check_host()
        if len(self.url) > MAX_TARGET_BYTES:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, TOO_LONG)
        if not self.url.startswith(b"/") or b"#" in self.url:
            self._refuse(HTTPStatus.BAD_REQUEST, "the request target must be a path")
        coding = find_header(self.headers, b"transfer-encoding")
        # The parser knows the coding with spaces behind it, too (RFC 9110, 5.5).
        if coding is not None and coding.lower().rstrip(b" ") != b"chunked":
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, "the one transfer coding here is 'chunked'")
        if self.parser.should_upgrade() and has_body(self.headers):
            # The parser takes what follows for another protocol: the body would be lost, and its
            # announced length would stand for bytes that never come.
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, "send a body without an Upgrade header")
        if len(self.pipeline) >= MOST_PIPELINED:
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "wait for answers before you ask for more")
        if self._is_over():
            raise _RefusedError  # ends the parser
        self._end_deadline()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # nothing behind an ignored Upgrade can be parsed
        self._in_body = True
        if not self.pipeline:
            self._running = self.cycle

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._barren_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the request that waits for its turn."""
        if self.pipeline:
            self._running = self.pipeline[-1][0]
        elif self._farewell is not None and not self.transport.is_closing():
            self.transport.write(self._farewell)
            self.transport.close()
        super().on_response_complete()

    def _parse(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "this is no HTTP request")
        except httptools.HttpParserUpgrade:
            return  # a server may ignore Upgrade (RFC 9110, 7.8)

    def _check_version(self) -> None:
        # The parser takes a first line without any version for one of 0.9: that is no request here.
        version = self.parser.get_http_version()
        if version == "0.9":
            self._refuse(HTTPStatus.BAD_REQUEST, "this is no HTTP request")
        elif version not in {"1.0", "1.1"}:
            self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is spoken here")

    def _check_host(self) -> None:
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            self._refuse(HTTPStatus.BAD_REQUEST, "a request has one Host header")  # RFC 9112, 3.2
        elif hosts and not HOST.fullmatch(hosts[0].strip(b" \t")):
            self._refuse(HTTPStatus.BAD_REQUEST, "the Host header must be a name or an address")

    def _is_idle(self) -> bool:
        # uvicorn sets `cycle` with the first request; its annotation does not say so.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _begin_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self._time_out)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _time_out(self) -> None:
        if self._in_head:
            seconds = f"{self.head_seconds:g}"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"the head did not end in {seconds} seconds")
        self.transport.close()

    def _is_over(self) -> bool:
        """Return whether nothing that still comes counts."""
        return self.transport.is_closing() or self._farewell is not None

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        if self._is_over():
            return
        # Quiet by default: anybody who reaches the port can send garbage as fast as they like.
        request_id = uuid4().hex
        log.debug(
            "request refused",
            status=status.value,
            reason=message,
            client=self.client,
            request_id=request_id,
        )
        answer = _answer(status, message, request_id=request_id)
        if self._owes_answers():
            if self._in_body:
                self.pipeline.popleft()  # the newest: it is what is refused
            self._farewell = answer
            return
        if not self._in_body or not self.cycle.response_started:
            self.transport.write(answer)
        if self._in_body:
            self._tell_gone(self.cycle)
        self.transport.close()

    def _owes_answers(self) -> bool:
        """Return whether whole requests before the one that is coming in have no answer yet."""
        if self._running is None or self._running.response_complete:
            return False
        return not self._in_body or self._running is not self.cycle

    def _tell_gone(self, cycle: RequestResponseCycle) -> None:
        if not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            find_departure(cycle.scope).happen()


def bounded_protocol(*, head_seconds: float) -> type[BoundedProtocol]:
    """Return the protocol with another time for a request's head."""
    return type("BoundedProtocol", (BoundedProtocol,), {"head_seconds": head_seconds})


class _RefusedError(Exception):
    """The parser shall not go on: the answer is out."""


def _answer(status: HTTPStatus, message: str, *, request_id: str) -> bytes:
    body = json.dumps({"error_code": "BAD_REQUEST", "message": message}).encode("ascii")
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Request-Id: {request_id}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
