"""The process that callers are connected to: it hands each request to a worker that is free.

It holds the whole request until it is answered. So a worker may end at any moment, and nobody's
request with it: another worker gets it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from penstock.errors import NothingToServe, ServingError, WorkersLost
from penstock.serving.exchange import Application, Receive, Reply, Request, Send, refuse
from penstock.serving.settings import ServeSettings
from penstock.serving.workers.link import Link, WorkerLost
from penstock.serving.workers.pulse import BEAT_SECONDS, Pulse

MOST_WORKERS: Final = 2
"""How many workers may end over one request, until it is refused: it may be what ends them."""

RETRY_SECONDS: Final = 1.0

HEALTH_CALLS: Final = frozenset({"/ping", "/health", "/healthcheck", "/v2/health/ready"})
"""Calls that tell at once that no worker is there; the others wait for one."""

log = logging.getLogger("penstock.serving")


class Dispatcher(Application):
    """An ASGI application that lets the workers behind some sockets answer."""

    def __init__(self, sockets: Sequence[Path], settings: ServeSettings, pulse: Pulse) -> None:
        self._sockets = sockets
        self._settings = settings
        self._pulse = pulse
        self._links: list[Link] = []
        self._change = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_ending = False

    async def reply(self, request: Request) -> Reply:
        """Return the answer of a worker. Raises CallerGone."""
        settings = self._settings
        try:
            body = await request.body(
                limit=settings.max_body_bytes, seconds=settings.client_seconds
            )
            return await self._ask(request, body)
        except ServingError as error:
            return refuse(error)

    async def _ask(self, request: Request, body: bytes) -> Reply:
        for lost in range(MOST_WORKERS):
            # All may be frozen, and end one after the other: the second one must be alive.
            link = await self._find_link(request, is_alive=lost > 0)
            try:
                return await link.ask(request, body)
            except WorkerLost:
                log.info("a worker ended before it answered; another one is asked")
        raise WorkersLost(
            f"{MOST_WORKERS} workers ended while they answered this request; "
            "the log of the server says how they ended"
        )

    async def _find_link(self, request: Request, *, is_alive: bool) -> Link:
        """Return the link with the least to do, on demand one that is not silent.

        Raises NothingToServe when none comes in time.
        """
        link = self._find_free(is_alive=is_alive)
        if link is None and request.path not in HEALTH_CALLS:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.seconds):
                    while link is None:
                        await self._change.wait()
                        link = self._find_free(is_alive=is_alive)
        if link is None:
            raise NothingToServe("no worker can answer yet: they are loading the models")
        return link

    def _find_free(self, *, is_alive: bool) -> Link | None:
        ready = (
            link for link in self._links if link.is_ready and not (is_alive and link.is_silent)
        )
        return min(ready, key=_rank, default=None)

    def _changed(self) -> None:
        """Wake those who wait for a worker, and let go of those that leave and are not needed."""
        change, self._change = self._change, asyncio.Event()
        change.set()
        is_served = any(link.is_ready and not link.is_leaving for link in self._links)
        for link in self._links:
            if link.is_leaving and not link.load and (is_served or self._is_ending):
                link.close()

    async def live(self, receive: Receive, send: Send) -> None:
        """Be connected to all workers between start-up and shut-down."""
        await receive()
        self._tasks = [asyncio.create_task(self._keep_link(path)) for path in self._sockets]
        self._tasks.append(asyncio.create_task(self._pulse.keep_beating()))
        self._pulse.answer()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._is_ending = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in self._links:
            link.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep_link(self, path: Path) -> None:
        """Be connected to whichever worker is behind a socket."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                _, link = await loop.create_unix_connection(
                    lambda: Link(self._changed), path=str(path)
                )
            except OSError as error:
                log.warning("a worker cannot be reached by %s: %s", path, error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._links.append(link)
            # It may have said that it is ready before it was counted.
            self._changed()
            await _watch(link)
            self._links.remove(link)


async def _watch(link: Link) -> None:
    """Return when a worker has ended. One that owes a sign of life is asked nothing else."""
    while not link.ended.is_set():
        link.beat()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT_SECONDS):
                await link.ended.wait()


def _rank(link: Link) -> tuple[bool, bool, int]:
    """Return what the best of several links has least of."""
    return link.is_silent, link.is_leaving, link.load
