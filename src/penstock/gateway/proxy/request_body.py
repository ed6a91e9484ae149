"""Read a request's body from the caller: whole up to a bound, or as a stream."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive

from penstock.errors import RequestRefused
from penstock.gateway.proxy.request_headers import Headers, find_header


def has_body(headers: Headers) -> bool:
    """Return whether a request brings a body, by its framing."""
    length = find_header(headers, b"content-length")
    return length not in {None, b"0"} or find_header(headers, b"transfer-encoding") is not None


def check_length(headers: Headers, limit: int) -> None:
    """Refuse (413) a body that says itself that it is longer than `limit` bytes."""
    length = find_header(headers, b"content-length")
    if length is not None and length.isdigit() and int(length) > limit:
        raise _too_large(limit)


async def read_body(receive: Receive, *, limit: int, idle_seconds: float) -> bytes:
    """Return the whole body.

    Raises RequestRefused: 413 over `limit` bytes, 408 when the caller pauses longer than
    `idle_seconds`, 400 when the caller leaves before the end.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream_body(receive, idle_seconds=idle_seconds):
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def stream_body(receive: Receive, *, idle_seconds: float) -> AsyncIterator[bytes]:
    """Yield the body as it comes. Raises RequestRefused like `read_body`, but has no limit."""
    while True:
        try:
            async with asyncio.timeout(idle_seconds):
                message = await receive()
        except TimeoutError as error:
            raise RequestRefused(
                408, "BAD_REQUEST", f"no more of the body came for {idle_seconds:g} seconds"
            ) from error
        if message["type"] == "http.disconnect":
            raise RequestRefused(400, "BAD_REQUEST", "the body of the request was cut off")
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(
        413, "BAD_REQUEST", f"the body of the request is larger than {limit} bytes"
    )
