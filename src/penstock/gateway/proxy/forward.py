"""Send a request that has been decided on to MLflow, and its answer back."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing

import structlog
from starlette.types import Receive, Scope, Send

from penstock.errors import RequestRefused, UpstreamError
from penstock.gateway.proxy.json_body import parse_body, write_body
from penstock.gateway.proxy.request_body import (
    check_length,
    has_body,
    read_body,
    stream_body,
)
from penstock.gateway.proxy.request_headers import find_header, forwarded_headers
from penstock.gateway.proxy.response_headers import returned_headers
from penstock.gateway.proxy.route import Body, Patience, Route
from penstock.gateway.proxy.upstream import Answer, Upstream
from penstock.gateway.settings import GatewaySettings

log = structlog.get_logger()

WATCHED_FROM_BYTES = 1024 * 1024
"""From here on a download is worth watching for a caller who has left."""


class Forwarder:
    """Forwards requests to one MLflow server."""

    def __init__(self, upstream: Upstream, settings: GatewaySettings) -> None:
        self._upstream = upstream
        self._limit = settings.max_body_bytes
        self._idle_seconds = settings.client_idle_seconds
        self._seconds = {
            Patience.ORDINARY: settings.upstream_seconds,
            Patience.LONG: settings.upstream_long_seconds,
            Patience.UNLIMITED: None,
        }

    async def forward(
        self, scope: Scope, receive: Receive, send: Send, *, route: Route, target: str
    ) -> None:
        """Forward a request and answer the caller.

        Raises RequestRefused or UpstreamError, but only before the answer has begun.
        """
        headers = forwarded_headers(scope["headers"])
        body = await self._body(scope, receive, route)
        if route.body is Body.STREAM and body is not None:
            headers += _length(scope)
        async with self._upstream.send(
            scope["method"],
            target,
            headers=headers,
            body=body,
            seconds=self._seconds[route.patience],
        ) as answer:
            await _relay(answer, scope, receive, send)

    async def _body(
        self, scope: Scope, receive: Receive, route: Route
    ) -> bytes | AsyncIterable[bytes] | None:
        headers = scope["headers"]
        if not has_body(headers):
            return None
        if route.body is Body.STREAM:
            return stream_body(receive, idle_seconds=self._idle_seconds)
        check_length(headers, self._limit)
        if route.body is Body.JSON:
            _check_encoding(find_header(headers, b"content-encoding"))
        body = await read_body(receive, limit=self._limit, idle_seconds=self._idle_seconds)
        if not body:
            return None
        return write_body(parse_body(body)) if route.body is Body.JSON else body


def _check_encoding(encoding: bytes | None) -> None:
    if encoding not in {None, b"", b"identity"}:
        raise RequestRefused(
            415, "BAD_REQUEST", "send the JSON body of this call without Content-Encoding"
        )


def _length(scope: Scope) -> list[tuple[str, str]]:
    length = find_header(scope["headers"], b"content-length")
    return [] if length is None else [("content-length", length.decode("latin-1"))]


async def _relay(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    start = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": returned_headers(answer.headers),
    }
    await send(start)
    expected = _expected_length(answer, scope["method"])
    try:
        async with aclosing(_until_gone(answer.chunks, receive)) as chunks:
            await _send_chunks(chunks, send, expected)
    except UpstreamError as error:
        # The head is out: all that is left is to break the connection, which uvicorn does when
        # an answer is not finished, so that the caller sees that something is missing.
        log.warning("answer broken off", path=scope["path"], reason=str(error))


async def _send_chunks(chunks: AsyncIterator[bytes], send: Send, expected: int | None) -> None:
    sent = 0
    if expected != 0:
        async for chunk in chunks:
            sent += len(chunk)
            last = sent == expected
            await send({"type": "http.response.body", "body": chunk, "more_body": not last})
            if last:
                return
    await send({"type": "http.response.body", "body": b""})


def _expected_length(answer: Answer, method: str) -> int | None:
    if method == "HEAD" or answer.status in {204, 304}:
        return 0
    for name, value in answer.headers:
        if name.lower() == "content-length" and value.isdigit():
            return int(value)
    return None


async def _until_gone(
    chunks: AsyncIterator[bytes], receive: Receive
) -> AsyncGenerator[bytes, None]:
    """Yield chunks until the caller has left; long answers alone are watched."""
    passed = 0
    watcher: asyncio.Task[None] | None = None
    try:
        async for chunk in chunks:
            if watcher is not None and watcher.done():
                return
            yield chunk
            passed += len(chunk)
            if watcher is None and passed >= WATCHED_FROM_BYTES:
                watcher = asyncio.create_task(_wait_until_gone(receive))
    finally:
        if watcher is not None:
            watcher.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
