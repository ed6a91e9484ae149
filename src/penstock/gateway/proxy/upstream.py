"""The one pooled HTTP client that speaks to MLflow. The only file here that knows `pyreqwest`."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
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


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of MLflow's answer, and its body as it comes."""

    status: int
    headers: Sequence[tuple[str, str]]
    chunks: AsyncIterator[bytes]


class Upstream:
    """MLflow, at one address, over kept connections.

    Redirects, cookies, decompression and the environment's proxies are off: what MLflow says
    goes back as it is. Open it for as long as the app lives.
    """

    def __init__(self, url: str, *, connect_seconds: float) -> None:
        self.url = url
        self._client = _build(connect_seconds)

    async def close(self) -> None:
        """Close the pool; requests under way fail."""
        await self._client.close()

    @asynccontextmanager
    async def send(
        self,
        method: str,
        target: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | AsyncIterable[bytes] | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[Answer]:
        """Send a request and give the answer as soon as its head has come.

        `target` is path and query, `seconds` the time until the head (None: no limit).
        Raises UpstreamUnreachable or UpstreamTimeout; once the body is being read,
        UpstreamUnreachable alone. An error of a streamed body passes through.
        """
        request = self._request(method, target, headers, body)
        response = await _open(request, seconds)
        try:
            yield Answer(response.status, list(response.headers.items()), _chunks(response))
        finally:
            await request.__aexit__(None, None, None)

    def _request(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterable[bytes] | None,
    ) -> StreamRequest:
        builder = self._client.request(method, self.url + target).headers(headers)
        if isinstance(body, bytes):
            builder = builder.body_bytes(body)
        elif body is not None:
            builder = builder.body_stream(body)
        return builder.streamed_read_buffer_limit(READ_AHEAD_BYTES).build_streamed()


def _build(connect_seconds: float) -> Client:
    return (
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
        .build()
    )


async def _open(request: StreamRequest, seconds: float | None) -> Response:
    try:
        async with asyncio.timeout(seconds):
            return await request.__aenter__()
    except ConnectTimeoutError as error:
        raise UpstreamUnreachable("no connection to MLflow in time") from error
    except TimeoutError as error:
        raise UpstreamTimeout(f"MLflow did not answer within {seconds:g} seconds") from error
    except PyreqwestError as error:
        raise UpstreamUnreachable("MLflow cannot be reached, or broke off") from error


async def _chunks(response: Response) -> AsyncIterator[bytes]:
    reader = response.body_reader
    try:
        while (chunk := await reader.read_chunk()) is not None:
            yield bytes(chunk)
    except PyreqwestError as error:
        raise UpstreamUnreachable("MLflow broke off in the middle of its answer") from error
