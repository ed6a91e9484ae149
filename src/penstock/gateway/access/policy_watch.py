"""Notice changes of the policy, also those that another gateway on this database has made."""

import asyncio
from collections.abc import Callable

import structlog

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import read_version

log = structlog.get_logger()

POLL_SECONDS = 0.4


class PolicyWatch:
    """Knows the policy's version, and tells its listeners when that grows.

    What changes in this process is told at once by `changed`; the rest within POLL_SECONDS. As
    long as the database does not answer, everything counts as changed, again and again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version: int | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a function, from any thread, after each change."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell the listeners that something has changed here."""
        for listener in self._listeners:
            listener()

    async def keep_watching(self) -> None:
        """Poll until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(POLL_SECONDS)

    async def _look(self) -> None:
        try:
            version = await asyncio.to_thread(self._read)
        except DatabaseUnavailable as error:
            log.warning("policy not read", reason=str(error))
            version = None
        if version is None or version != self._version:
            self.changed()
        self._version = version

    def _read(self) -> int:
        with self._database.reading() as connection:
            return read_version(connection)
