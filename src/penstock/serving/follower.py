"""Follows a lineup: loads what became live, exchanges the routing table, lets the old go."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from penstock.errors import PenstockError
from penstock.serving.engines.engine import Engine
from penstock.serving.engines.threads import Job, Threads
from penstock.serving.lineup import Lineup
from penstock.serving.lineup_memory import LineupMemory
from penstock.serving.lineup_sources import LineupSource
from penstock.serving.table import Route, RoutingTable, make_table

log = logging.getLogger("penstock.serving")

CLOSE_SECONDS: Final = 0.25
"""How often a source that answers at no cost is asked."""

SILENCE_SECONDS: Final = 5.0
"""How long a server that starts waits for a source before it begins with the plan last seen."""


class Follower:
    """Keeps `table` in step with a source. Requests take the table and never wait for a change.

    A table with other runs is published once one that answers is loaded; until then the old runs
    go on. `missing` of the table says why a run is not there; it is tried again each time.
    `has_tried` is set when all runs of the first lineup are loaded, or cannot be.
    """

    def __init__(
        self,
        source: LineupSource,
        engine: Engine,
        memory: LineupMemory,
        *,
        poll_seconds: float,
        observe: Callable[[RoutingTable], None] = lambda _: None,
    ) -> None:
        self.table: RoutingTable | None = None
        self.failure: str | None = None
        self.has_tried = asyncio.Event()
        self._source = source
        self._engine = engine
        self._memory = memory
        self._poll_seconds = poll_seconds
        self._observe = observe
        self._lineup: Lineup | None = None
        self._is_kept = True
        self._loaded: dict[str, Route] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._threads = Threads()
        self._turns = asyncio.Semaphore(engine.loads_at_once)
        self._reasons: dict[str, str] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                # A defect must not end the following; requests go on with the table there is.
                log.exception("following the plan failed; it begins again")
            await asyncio.sleep(self._pause())

    async def step(self) -> None:
        """Ask the source once, and begin what follows from its answer."""
        reading = asyncio.get_running_loop().create_task(self._read())
        try:
            if self._lineup is None:
                await self._bridge(reading)
            lineup = await reading or self._lineup or self._memory.find()
        finally:
            reading.cancel()
        if lineup is not None:
            self._take(lineup)
        if not self._loading:
            self.has_tried.set()

    async def refresh(self) -> None:
        """Do the same, and wait until it is done."""
        await self.step()
        while self._loading:
            await asyncio.wait(self._loading.values())

    async def close(self) -> None:
        """Let all models go."""
        for task in self._loading.values():
            task.cancel()
        self.table = None
        for run_id in list(self._loaded):
            self._retire(run_id)
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await self._engine.close()

    def _pause(self) -> float:
        is_quick = self._source.is_close and self.failure is None
        return min(self._poll_seconds, CLOSE_SECONDS) if is_quick else self._poll_seconds

    async def _read(self) -> Lineup | None:
        try:
            lineup = await self._ask()
        except PenstockError as error:
            if str(error) != self.failure:
                last = self._lineup or self._memory.find()
                holds = ", the last one holds" if last else "; it is tried again"
                log.warning("the plan cannot be read%s: %s", holds, error)
            self.failure = str(error)
            return None
        if self.failure is not None:
            log.info("the plan can be read again")
        self.failure = None
        return lineup

    async def _ask(self) -> Lineup:
        # Not in the loop's own threads: a process waits for these at its end, and this may hang.
        job = Job(self._source.read, lambda _: None)
        self._threads.submit(job)
        answer: Lineup = await job.answer
        return answer

    async def _bridge(self, reading: asyncio.Task[Lineup | None]) -> None:
        """Begin with the plan last seen where a source that is not away does not answer either."""
        kept = self._memory.find()
        if kept is None:
            return
        while not (await asyncio.wait({reading}, timeout=SILENCE_SECONDS))[0]:
            if self._lineup is None:
                log.warning(
                    "no answer for %g s; the last plan holds until it comes", SILENCE_SECONDS
                )
            self._engine.note_silence()
            self._take(kept)

    def _take(self, lineup: Lineup) -> None:
        if lineup != self._lineup:
            self._lineup = lineup
            self._keep(lineup)
            self._publish()
        elif not self._is_kept:
            self._keep(lineup)
        self._begin_loading(lineup)

    def _begin_loading(self, lineup: Lineup) -> None:
        for run_id in self._loading.keys() - set(lineup.run_ids):
            # It may hang, and others wait for their turn.
            self._loading[run_id].cancel()
        for run_id in lineup.run_ids:
            if run_id not in self._loaded and run_id not in self._loading:
                work = self._load(run_id, lineup.uris[run_id], version=lineup.version)
                self._loading[run_id] = asyncio.get_running_loop().create_task(work)

    async def _load(self, run_id: str, uri: str, *, version: str) -> None:
        try:
            async with self._turns:
                self._loaded[run_id] = Route(run_id, version, await self._engine.load(uri))
            self._reasons.pop(run_id, None)
        except PenstockError as error:
            self._note(run_id, str(error))
        except Exception as error:
            log.exception("loading run %s failed by a defect", run_id)
            self._note(run_id, f"it failed by a defect: {error!r}")
        finally:
            del self._loading[run_id]
        self._publish()
        if not self._loading:
            self.has_tried.set()

    def _note(self, run_id: str, reason: str) -> None:
        if self._reasons.get(run_id) != reason:
            log.warning("run %s cannot be loaded, others answer for it: %s", run_id, reason)
        self._reasons[run_id] = reason

    def _publish(self) -> None:
        lineup = self._lineup
        if lineup is None:
            return
        missing = {
            run_id: self._reasons.get(run_id, "it is being loaded")
            for run_id in lineup.run_ids
            if run_id not in self._loaded
        }
        table = make_table(lineup, self._loaded, missing)
        if self.table is not None and self.table.can_answer and not table.can_answer:
            # None of the new runs can answer yet; the old ones do.
            table = replace(self.table, lineup=lineup, missing=missing)
        self.table = table
        self._observe(table)
        for run_id in self._loaded.keys() - table.routes.keys() - set(lineup.run_ids):
            self._retire(run_id)

    def _retire(self, run_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self._loaded.pop(run_id).model.close())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _keep(self, lineup: Lineup) -> None:
        try:
            self._memory.keep(lineup)
        except PenstockError as error:
            if self._is_kept:
                log.warning("%s; after a restart the server must be asked first", error)
            self._is_kept = False
        else:
            self._is_kept = True
