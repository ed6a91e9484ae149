"""The pooled HTTP client, for MLflow and identity providers. Alone here to know `pyreqwest`."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectTimeoutError, PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from penstock.errors import UpstreamTimeout, UpstreamUnreachable

POOL_IDLE_SECONDS = 4
"""Shorter than uvicorn's keep-alive of 5 seconds, so that no request meets a closing connection."""

READ_AHEAD_BYTES = 256 * 1024
"""A short body comes in one piece with its head; one hop between threads instead of several."""

ABANDONED_SECONDS = 1
"""How much longer than its limit a request may stay alive inside the library."""

LAST_STATUS = 599

REPEATABLE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How an answer is waited for: `seconds` for it to begin (None: no limit), then for more of it.

    With `read_ahead` a short body is waited for as well; without it the head counts, and every
    piece of the body is there as soon as it has come.
    """

    seconds: float | None
    read_ahead: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, and its body as it comes."""

    status: int
    headers: Sequence[tuple[str, str]]
    chunks: AsyncIterator[bytes]


class Upstream:
    """MLflow, at one address, over kept connections.

    Redirects, cookies, decompression and the environment's proxies are off: what MLflow says
    goes back as it is. Open it for as long as the app lives. With another `name` it is another
    server, and with an empty `url` all those that targets name in full.
    """

    def __init__(self, url: str, *, connect_seconds: float, name: str = "MLflow") -> None:
        self.url = url
        self.name = name
        self._connect_seconds = connect_seconds
        self._clients: dict[float | None, Client] = {}

    async def close(self) -> None:
        """Close the pools; requests under way fail."""
        for client in self._clients.values():
            await client.close()

    @asynccontextmanager
    async def send(
        self,
        method: str,
        target: str,
        *,
        pace: Pace,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | AsyncIterable[bytes] | None = None,
    ) -> AsyncIterator[Answer]:
        """Send a request and give the answer. `target` is path and query.

        A GET that gets no answer is sent once more. Raises UpstreamUnreachable or
        UpstreamTimeout; once the body is being read, UpstreamUnreachable alone. An error of a
        streamed body passes through.
        """
        request = self._request(method, target, pace=pace, headers=headers, body=body)
        try:
            response = await self._open(request, pace.seconds)
        except UpstreamUnreachable as error:
            if body is not None or method not in REPEATABLE or _took_its_time(error):
                raise
            # MLflow may have closed a kept connection at the moment when it was used again.
            request = self._request(method, target, pace=pace, headers=headers, body=body)
            response = await self._open(request, pace.seconds)
        try:
            if response.status > LAST_STATUS:
                raise UpstreamUnreachable(f"{self.name} answers with no status: {response.status}")
            yield Answer(response.status, _headers(response), _chunks(response, self.name))
        finally:
            await request.__aexit__(None, None, None)

    async def _open(self, request: StreamRequest, seconds: float | None) -> Response:
        try:
            async with asyncio.timeout(seconds):
                return await request.__aenter__()
        except ConnectTimeoutError as error:
            raise UpstreamUnreachable(f"no connection to {self.name} in time") from error
        except TimeoutError as error:
            raise UpstreamTimeout(
                f"{self.name} did not answer within {seconds:g} seconds"
            ) from error
        except PyreqwestError as error:
            raise UpstreamUnreachable(f"{self.name} cannot be reached, or broke off") from error

    def _request(
        self,
        method: str,
        target: str,
        *,
        pace: Pace,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterable[bytes] | None,
    ) -> StreamRequest:
        builder = self._client(pace.seconds).request(method, self.url + target).headers(headers)
        if isinstance(body, bytes):
            builder = builder.body_bytes(body)
        elif body is not None:
            builder = builder.body_stream(body)
        limit = READ_AHEAD_BYTES if pace.read_ahead else 0
        return builder.streamed_read_buffer_limit(limit).build_streamed()

    def _client(self, seconds: float | None) -> Client:
        """Return the client for one limit, which the library knows for a whole client alone."""
        client = self._clients.get(seconds)
        if client is None:
            client = self._clients[seconds] = _build(self._connect_seconds, seconds)
        return client


def _build(connect_seconds: float, read_seconds: float | None) -> Client:
    builder = (
        ClientBuilder()
        .no_proxy()
        .follow_redirects(False)
        .referer(False)
        .default_cookie_store(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .http1_only()
        .http1_lower_case_headers()
        .user_agent("penstock")
        .connect_timeout(timedelta(seconds=connect_seconds))
        .pool_idle_timeout(timedelta(seconds=POOL_IDLE_SECONDS))
        .tcp_keepalive(timedelta(seconds=30))
    )
    if read_seconds is not None:
        # The library does not take back a request that nobody waits for any more; this ends it.
        builder = builder.read_timeout(timedelta(seconds=read_seconds + ABANDONED_SECONDS))
    return builder.build()


def _took_its_time(error: UpstreamUnreachable) -> bool:
    return isinstance(error.__cause__, ConnectTimeoutError)


def _headers(response: Response) -> list[tuple[str, str]]:
    try:
        return list(response.headers.items())
    except ValueError:
        return list(_readable_headers(response))


def _readable_headers(response: Response) -> Iterator[tuple[str, str]]:
    # The library reads no header values beyond ASCII; such a header alone is left out.
    for name in dict.fromkeys(response.headers.keys()):
        with suppress(ValueError):
            yield from [(name, value) for value in response.headers.getall(name)]


async def _chunks(response: Response, name: str) -> AsyncIterator[bytes]:
    reader = response.body_reader
    try:
        while (chunk := await reader.read_chunk()) is not None:
            yield bytes(chunk)
    except PyreqwestError as error:
        raise UpstreamUnreachable(f"{name} broke off in the middle of its answer") from error
