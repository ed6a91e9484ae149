"""What a server writes down: counts now and then, feedback at once."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from penstock.errors import LocalFileError
from penstock.serving.meter import Meter
from penstock.serving.report import NOTHING, Report, make_report
from penstock.serving.request_ids import RequestIds
from penstock.serving.sequence import Outcomes
from penstock.serving.table import RoutingTable
from penstock.serving.tally import RunTally, Tally

log = logging.getLogger("penstock.serving")

SECONDS: Final = 1.0
"""How often counts are written down; what a process has counted since goes with `kill -9`."""

FAILED: Final = 500
"""From this status on, the run has failed, not its caller."""


class Book(Protocol):
    """What is written into: a ledger here, or one elsewhere. Its methods may block."""

    def open(self, name: str) -> bytes:
        """Return the key of a server's request ids. Raises LocalFileError."""

    def add(self, tallies: Mapping[str, RunTally]) -> None:
        """Add counts to those of the runs. Raises LocalFileError."""

    def record(self, outcomes: Iterable[tuple[str, str, float]]) -> None:
        """Keep outcomes, all of them or none. Raises FeedbackConflict, LocalFileError."""

    def read_tallies(self) -> dict[str, RunTally]:
        """Return the counts of all runs. Raises LocalFileError."""

    def read_outcomes(self) -> dict[str, Outcomes]:
        """Return the outcomes of all runs. Raises LocalFileError."""


class Records:
    """The counts of a process, and the ledger that all of them go to.

    Counted and taken away in the thread of the loop alone. Raises LocalFileError when made.
    """

    def __init__(self, name: str, ledger: Book, *, meter: Meter) -> None:
        self.ledger = ledger
        self.request_ids = RequestIds(self.ledger.open(name))
        self.meter = meter
        self._tally = Tally()

    def answered(self, run_id: str, status: int, seconds: float) -> None:
        """Count a request that a run has answered, or failed to."""
        self.meter.answered(run_id, status, seconds)
        tally = self._tally.of(run_id)
        tally.requests += 1
        tally.errors += status >= FAILED
        tally.took(seconds)

    def mirrored(self, run_id: str, result: str, seconds: float | None = None) -> None:
        """Count what became of a request for a Canary run."""
        self.meter.mirrored(run_id, result, seconds)
        tally = self._tally.of(run_id)
        setattr(tally, result, getattr(tally, result) + 1)
        if seconds is not None:
            tally.took(seconds)

    def differed(self, run_id: str, distance: float) -> None:
        """Count how far the numbers of a Canary's answer were from those that were used."""
        tally = self._tally.of(run_id)
        tally.compared += 1
        tally.distance += distance

    async def run(self) -> None:
        """Write counts down until cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            await self.write()

    async def write(self) -> None:
        """Write down what has been counted; where that fails, keep it for the next time."""
        taken = self._tally.take()
        if not taken:
            return
        try:
            await asyncio.to_thread(self.ledger.add, taken)
        except LocalFileError as error:
            log.warning("counts cannot be written, they are kept in memory: %s", error)
            self._tally.give_back(taken)

    async def report(
        self, name: str, table: RoutingTable | None, *, against: str | None = None
    ) -> Report:
        """Return how the runs compare, by what all workers have written. Raises LocalFileError."""
        await self.write()
        tallies = await asyncio.to_thread(self.ledger.read_tallies)
        outcomes = await asyncio.to_thread(self.ledger.read_outcomes)
        lineup, missing = (table.lineup, table.missing) if table else (None, NOTHING)
        return make_report(name, lineup, tallies, outcomes, against=against, missing=missing)
