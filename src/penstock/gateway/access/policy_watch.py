"""Notice changes of the policy, also those that another gateway on this database has made."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import Part, read_versions

log = structlog.get_logger()

POLL_SECONDS: Final = 0.4

BLIND_SECONDS: Final = 5.0
"""How long what was known counts while the database does not answer, or takes its time."""


class PolicyWatch:
    """Knows the policy's versions, and tells its listeners when one grows.

    What changes in this process is told at once by `changed`, or is `known` to whom it concerns;
    the rest is told within POLL_SECONDS. After BLIND_SECONDS without an answer everything counts
    as changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions: dict[Part, int] = {}
        self._lock = threading.Lock()
        self._seen = time.monotonic()
        self._is_missed = False
        self._listeners: dict[Part, list[Callable[[], None]]] = defaultdict(list)

    def listen(self, listener: Callable[[], None], part: Part = Part.GRANTS) -> None:
        """Call a function, from any thread, after each change of a part."""
        self._listeners[part].append(listener)

    def changed(self, part: Part = Part.GRANTS) -> None:
        """Tell the listeners that something has changed here."""
        for listener in self._listeners[part]:
            listener()

    def know(self, part: Part, version: int) -> None:
        """Do not tell of this version, which was made here, and which all have heard of who must.

        It is told all the same when others have made versions before it.
        """
        with self._lock:
            if self._versions.get(part) == version - 1:
                self._versions[part] = version

    async def begin(self) -> None:
        """Read the versions that are in force, before anything is remembered.

        Raises DatabaseUnavailable.
        """
        self._versions = await asyncio.to_thread(self._read)

    async def keep_watching(self) -> None:
        """Poll until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(POLL_SECONDS)

    async def _look(self) -> None:
        begun = time.monotonic()
        before = dict(self._versions)
        try:
            versions = await self._answer()
        except DatabaseUnavailable as error:
            self._miss(str(error))
            return
        except Exception:
            self._miss("a defect")  # what was known counts no longer for that
            raise
        if self._is_missed:
            log.info("policy read again")
        self._seen, self._is_missed = begun, False
        for part in Part:
            if self._is_news(part, versions.get(part), before.get(part)):
                self.changed(part)

    def _is_news(self, part: Part, read: int | None, before: int | None) -> bool:
        with self._lock:
            known = self._versions.get(part)
            # What came to be known during the reading may be newer than what was read.
            if read == known or (read == before and known != before):
                return False
            if read is not None:
                self._versions[part] = read
            return True

    async def _answer(self) -> dict[Part, int]:
        """Return the versions as they are read; a database that hangs is missed meanwhile."""
        reading = asyncio.create_task(asyncio.to_thread(self._read))
        try:
            while not (await asyncio.wait({reading}, timeout=POLL_SECONDS))[0]:
                self._miss("the gateway's database takes its time")
            return reading.result()
        finally:
            reading.cancel()

    def _miss(self, reason: str) -> None:
        if not self._is_missed:
            log.warning("policy not read", reason=reason)
        self._is_missed = True
        if time.monotonic() - self._seen > BLIND_SECONDS:
            for part in Part:
                self.changed(part)

    def _read(self) -> dict[Part, int]:
        with self._database.reading() as connection:
            return read_versions(connection)
