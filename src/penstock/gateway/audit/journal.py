"""The audit as it is written: intents before the writes, all else soon after."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from penstock.errors import DatabaseUnavailable
from penstock.gateway.audit.counts import Counts, minute_of
from penstock.gateway.db import audit
from penstock.gateway.db.audit_record import CountedCall, Record
from penstock.gateway.db.database import Database

log = structlog.get_logger()

COUNT_SECONDS: Final = 1.0
"""How long counts are gathered before they are written."""

MOST_WAITING: Final = 10_000
"""Results and refusals that wait for a database that does not answer."""


@dataclass(frozen=True, slots=True)
class _Intent:
    record: Record
    written: "asyncio.Future[int]" = field(repr=False)


class Journal:
    """Writes the audit of one gateway, in one transaction for all that waits at a time.

    Used by one event loop. `keep_writing` has to run; `flush` writes the rest at the end.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._intents: list[_Intent] = []
        self._refusals: deque[Record] = deque(maxlen=MOST_WAITING)
        self._results: dict[int, str] = {}
        self._counts = Counts()
        self._wanted = asyncio.Event()

    async def begin(self, record: Record) -> int:
        """Write the intent of a write down, and return its id once that is stored.

        Raises DatabaseUnavailable: what cannot be written down must not be done.
        """
        intent = _Intent(record.fitting(), asyncio.get_running_loop().create_future())
        self._intents.append(intent)
        self._wanted.set()
        return await intent.written

    def end(self, record_id: int, result: str) -> None:
        """Write down how a write has ended, soon."""
        if len(self._results) < MOST_WAITING:
            self._results[record_id] = result
        self._wanted.set()

    def refuse(self, record: Record) -> None:
        """Write a refusal down, soon."""
        self._refusals.append(record.fitting())
        self._wanted.set()

    def count(self, record: Record) -> None:
        """Count a call that is not listed by itself."""
        fitting = record.fitting()
        self._counts.add(
            CountedCall(
                minute_of(fitting.at),
                fitting.actor,
                fitting.action,
                fitting.target,
                fitting.result,
            )
        )

    async def keep_writing(self) -> None:
        """Write until cancelled."""
        counted_at = time.monotonic()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNT_SECONDS):
                    await self._wanted.wait()
            with_counts = time.monotonic() - counted_at >= COUNT_SECONDS
            if with_counts:
                counted_at = time.monotonic()
            await self._write(with_counts=with_counts)

    async def flush(self) -> None:
        """Write all that waits."""
        await self._write(with_counts=True)

    async def _write(self, *, with_counts: bool) -> None:
        self._wanted.clear()
        intents, self._intents = self._intents, []
        refusals, self._refusals = list(self._refusals), deque(maxlen=MOST_WAITING)
        results, self._results = self._results, {}
        counts = self._counts.take() if with_counts else {}
        if not (intents or refusals or results or counts):
            return
        batch = _Batch([one.record for one in intents], refusals, results, dict(counts))
        # Shielded: a transaction that is under way when the gateway ends is waited for.
        writing = asyncio.create_task(asyncio.to_thread(self._store, batch))
        try:
            ids = await asyncio.shield(writing)
        except DatabaseUnavailable as error:
            self._keep(batch)
            log.warning("audit not written", reason=str(error), waiting=len(self._refusals))
            _fail(intents, error)
        except Exception as error:
            # A defect: the next batch may be fine, this one would fail for ever.
            log.exception("audit lost", records=batch.size)
            _fail(intents, error)
        else:
            for intent, record_id in zip(intents, ids, strict=True):
                if not intent.written.done():
                    intent.written.set_result(record_id)

    def _store(self, batch: "_Batch") -> list[int]:
        with self._database.writing() as connection:
            ids = [audit.add_record(connection, record) for record in batch.intents]
            for record in batch.refusals:
                audit.add_record(connection, record)
            audit.set_results(connection, batch.results)
            audit.add_counts(connection, batch.counts)
        return ids

    def _keep(self, batch: "_Batch") -> None:
        """Keep for the next time what nobody waits for."""
        self._refusals.extendleft(reversed(batch.refusals))
        self._results = {**batch.results, **self._results}
        for call, count in batch.counts.items():
            self._counts.add(call, count)


@dataclass(frozen=True, slots=True)
class _Batch:
    intents: list[Record]
    refusals: list[Record]
    results: dict[int, str]
    counts: dict[CountedCall, int]

    @property
    def size(self) -> int:
        """How many things the batch says."""
        return len(self.intents) + len(self.refusals) + len(self.results) + len(self.counts)


def _fail(intents: list[_Intent], error: Exception) -> None:
    for intent in intents:
        if not intent.written.done():
            intent.written.set_exception(error)
