"""Read a request's body from the caller: whole up to a bound, or as a stream."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import Receive

from penstock.errors import RequestRefused
from penstock.gateway.proxy.json_body import parse_body, write_body
from penstock.gateway.proxy.request_headers import Headers, find_header

LARGE_BYTES = 262_144
"""From here on a JSON body is read by another thread: other callers shall not wait for it."""

LARGE_AT_ONCE = 1
"""Parsed, a large body may take twenty times its bytes of memory."""


class BodyReader:
    """Reads bodies of up to `limit` bytes from callers who pause at most `idle_seconds`."""

    def __init__(self, *, limit: int, idle_seconds: float) -> None:
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def read(self, headers: Headers, receive: Receive) -> bytes:
        """Return the whole body.

        Raises RequestRefused: 413 over the limit, 408 when the caller pauses too long, 400 when
        the caller leaves before the end.
        """
        length = read_length(headers)
        if length is not None and length > self._limit:
            raise self._too_large()
        body = bytearray()
        async for chunk in self.stream(receive, length=length):
            body += chunk
            if len(body) > self._limit:
                raise self._too_large()
        return bytes(body)

    async def read_document(self, headers: Headers, receive: Receive) -> dict[str, Any] | None:
        """Return the whole body, parsed and checked, or None for an empty one.

        Raises RequestRefused like `read`, 415 for a compressed body, and 400 for one that is no
        JSON object or could be read in two ways.
        """
        _check_encoding(headers)
        body = await self.read(headers, receive)
        if not body:
            return None
        if len(body) < LARGE_BYTES:
            return parse_body(body)
        async with self._large:
            return await asyncio.to_thread(parse_body, body)

    async def read_json(self, headers: Headers, receive: Receive) -> bytes:
        """Return the whole body, checked and written anew; an empty one stays empty.

        Raises RequestRefused like `read_document`.
        """
        document = await self.read_document(headers, receive)
        return b"" if document is None else write_body(document)

    async def stream(self, receive: Receive, *, length: int | None) -> AsyncIterator[bytes]:
        """Yield the body as it comes, and see that it is as long as it was said to be, if it was.

        Raises RequestRefused like `read`, but has no limit.
        """
        count = 0
        while True:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    message = await receive()
            except TimeoutError as error:
                reason = f"no more of the body came for {self._idle_seconds:g} seconds"
                raise RequestRefused(408, "BAD_REQUEST", reason) from error
            if message["type"] == "http.disconnect":
                raise RequestRefused(400, "BAD_REQUEST", "the body of the request was cut off")
            if chunk := message.get("body", b""):
                count += len(chunk)
                yield chunk
            if not message.get("more_body", False):
                break
        if length is not None and count != length:
            raise RequestRefused(
                400, "BAD_REQUEST", "the body of the request is not as long as its Content-Length"
            )

    def _too_large(self) -> RequestRefused:
        return RequestRefused(
            413, "BAD_REQUEST", f"the body of the request is larger than {self._limit} bytes"
        )


def has_body(headers: Headers) -> bool:
    """Return whether a request brings a body, by its framing."""
    return bool(read_length(headers)) or find_header(headers, b"transfer-encoding") is not None


def read_length(headers: Headers) -> int | None:
    """Return the length in bytes that a request announces, or None. Raises RequestRefused (400)."""
    value = find_header(headers, b"content-length")
    if value is None:
        return None
    digits = value.strip(b" \t")
    if not digits.isdigit():
        raise RequestRefused(400, "BAD_REQUEST", "Content-Length must be a number")
    return int(digits)


def _check_encoding(headers: Headers) -> None:
    encodings = {value.lower() for name, value in headers if name == b"content-encoding"}
    if encodings - {b"", b"identity"}:
        raise RequestRefused(
            415, "BAD_REQUEST", "send the JSON body of this call without Content-Encoding"
        )
