"""What a gateway does beside answering, for as long as it runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog

log = structlog.get_logger()

AGAIN_SECONDS: Final = 1.0

Work = Callable[[], Awaitable[None]]
"""Something that never ends by itself, and can be begun again."""


@asynccontextmanager
async def in_background(*works: Work) -> AsyncIterator[None]:
    """Do all works until the block ends. One that fails by a defect is logged and begins again."""
    tasks = [asyncio.create_task(_last(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _last(work: Work) -> None:
    # Without the watch, say, a gateway would go by what was allowed once, and nobody would know.
    while True:
        try:
            await work()
        except Exception:
            log.exception("background work failed and begins again")
            await asyncio.sleep(AGAIN_SECONDS)
