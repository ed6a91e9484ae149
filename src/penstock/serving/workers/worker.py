"""A worker: it loads all models, and answers what dispatchers hand to it."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Coroutine
from typing import Any, Final

import uvloop

from penstock.serving.app import ServingApp
from penstock.serving.workers.conversation import Conversations
from penstock.serving.workers.pulse import Pulse

LEAVE_SECONDS: Final = 10.0
"""How long a dispatcher may still hand over requests after the worker was told to end."""

log = logging.getLogger("penstock.serving")


def answer(app: ServingApp, listener: socket.socket, pulse: Pulse) -> None:
    """Answer on a socket until SIGTERM, then what has been asked by then, and return.

    SIGINT is left to the supervisor: a terminal sends it to all processes at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer(app, listener, pulse))


async def _answer(app: ServingApp, listener: socket.socket, pulse: Pulse) -> None:
    loop = asyncio.get_running_loop()
    beating = loop.create_task(pulse.keep_beating())
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    # While others answer, a worker takes no request that it cannot answer yet.
    app.loads_first = True
    await _unless(told, app.start())
    if not told.is_set():
        pulse.answer()
        log.info("a worker answers, process %s", os.getpid())
        await _converse(app, listener, told)
    await app.stop()
    beating.cancel()


async def _converse(app: ServingApp, listener: socket.socket, told: asyncio.Event) -> None:
    conversations = Conversations(app)
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(conversations.begin, sock=listener)
    await told.wait()
    server.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_SECONDS):
            await conversations.leave()


async def _unless(told: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do some work, unless an event comes first. Raises what the work raises."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(told.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if working.done():
        await working
    working.cancel()
