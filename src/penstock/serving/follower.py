"""Follows a lineup: loads what became live, exchanges the routing table, lets the old go."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from penstock.errors import PenstockError
from penstock.serving.engines.engine import Engine
from penstock.serving.lineup import Lineup
from penstock.serving.lineup_memory import LineupMemory
from penstock.serving.lineup_sources import LineupSource
from penstock.serving.table import Route, RoutingTable, make_table

log = logging.getLogger("penstock.serving")

CLOSE_SECONDS: Final = 0.25
"""How often a source that answers at no cost is asked."""


class Follower:
    """Keeps `table` in step with a source. Requests take the table and never wait for a change.

    A table with other runs is published once one that answers is loaded; until then the old runs
    go on. `missing` of the table says why a run is not there; it is tried again each time.
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
        self._loaded: dict[str, Route] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                # A defect must not end the following; requests go on with the table there is.
                log.exception("following the plan failed; it begins again")
            self.has_tried.set()
            await asyncio.sleep(self._pause())

    async def step(self) -> None:
        """Ask the source once, and do what follows from its answer."""
        lineup = await self._read()
        if lineup is None:
            lineup = self.table.lineup if self.table else self._memory.find()
        if lineup is None or (self.table and self.table.lineup == lineup and self._is_whole):
            return
        await self._follow(lineup)

    async def close(self) -> None:
        """Let all models go."""
        self.table = None
        for run_id in list(self._loaded):
            self._retire(run_id)
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await self._engine.close()

    @property
    def _is_whole(self) -> bool:
        return self.table is not None and self.table.is_complete

    def _pause(self) -> float:
        quick = self._source.is_close and self.failure is None and self._is_whole
        return min(self._poll_seconds, CLOSE_SECONDS) if quick else self._poll_seconds

    async def _read(self) -> Lineup | None:
        try:
            lineup = await asyncio.to_thread(self._source.read)
        except PenstockError as error:
            if str(error) != self.failure:
                log.warning("the plan cannot be read, the last one holds: %s", error)
            self.failure = str(error)
            return None
        if self.failure is not None:
            log.info("the plan can be read again")
        self.failure = None
        return lineup

    async def _follow(self, lineup: Lineup) -> None:
        missing = {
            run_id: "it is being loaded" for run_id in lineup.run_ids if run_id not in self._loaded
        }
        if self.table is not None:
            # What was missing before may say why; fractions count at once.
            self._publish(lineup, missing | _known(self.table, missing))
        for run_id in list(missing):
            try:
                model = await self._engine.load(lineup.uris[run_id])
            except PenstockError as error:
                _report(self.table, run_id, error)
                missing[run_id] = str(error)
                continue
            self._loaded[run_id] = Route(run_id, lineup.version, model)
            del missing[run_id]
            self._publish(lineup, missing)
        self._publish(lineup, missing)
        self._keep(lineup)

    def _publish(self, lineup: Lineup, missing: dict[str, str]) -> None:
        table = make_table(lineup, self._loaded, missing)
        if not table.choice.fractions and self.table is not None and self.table.choice.fractions:
            # Nobody of the new ones can answer yet; the old ones do.
            self.table = RoutingTable(
                lineup, self.table.routes, self.table.choice, self.table.canaries, missing
            )
        else:
            self.table = table
        self._observe(self.table)
        for run_id in self._loaded.keys() - self.table.routes.keys() - set(lineup.run_ids):
            self._retire(run_id)

    def _retire(self, run_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self._loaded.pop(run_id).model.close())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _keep(self, lineup: Lineup) -> None:
        try:
            self._memory.keep(lineup)
        except PenstockError as error:
            log.warning("%s; after a restart the server must be asked first", error)


def _known(table: RoutingTable, missing: dict[str, str]) -> dict[str, str]:
    return {run_id: table.missing[run_id] for run_id in missing if run_id in table.missing}


def _report(table: RoutingTable | None, run_id: str, error: PenstockError) -> None:
    if table is None or table.missing.get(run_id) != str(error):
        log.warning("run %s cannot be loaded, the others answer for it: %s", run_id, error)
