"""The ledger of a server that runs on many machines: one process writes it, all others ask it."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from penstock.errors import ClusterUnavailable, LocalFileError
from penstock.serving.engines.calls import Peer, PeerLost, answer
from penstock.serving.ledger import Ledger
from penstock.serving.sequence import Outcomes
from penstock.serving.tally import RunTally

SECONDS: Final = 30.0


class Archive:
    """A ledger for those who ask from elsewhere. Errors are answers, see `calls.Failed`."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._ledger = Ledger(folder)
        self._key = self._ledger.open(name)

    async def key(self) -> bytes:
        """Return the key of the request ids."""
        return self._key

    async def add(self, tallies: Mapping[str, RunTally]) -> Any:  # noqa: ANN401 - nothing, or a failure
        """Add counts to those of the runs."""
        return await answer(asyncio.to_thread(self._ledger.add, tallies))

    async def record(self, outcomes: Iterable[tuple[str, str, float]]) -> Any:  # noqa: ANN401 - the same
        """Keep outcomes, all of them or none."""
        return await answer(asyncio.to_thread(self._ledger.record, outcomes))

    async def read_tallies(self) -> Any:  # noqa: ANN401 - counts by run, or a failure
        """Return the counts of all runs."""
        return await answer(asyncio.to_thread(self._ledger.read_tallies))

    async def read_outcomes(self) -> Any:  # noqa: ANN401 - outcomes by run, or a failure
        """Return the outcomes of all runs."""
        return await answer(asyncio.to_thread(self._ledger.read_outcomes))


class DistantLedger:
    """The ledger of an archive elsewhere. Ask it in other threads than that of the loop."""

    def __init__(self, archive: Peer, key: bytes) -> None:
        self._archive = archive
        self._key = key
        self._loop = asyncio.get_running_loop()

    def open(self, name: str) -> bytes:  # noqa: ARG002 - the archive has opened it by this name
        """Return the key of the request ids."""
        return self._key

    def add(self, tallies: Mapping[str, RunTally]) -> None:
        """Add counts to those of the runs. Raises LocalFileError."""
        self._ask("add", tallies)

    def record(self, outcomes: Iterable[tuple[str, str, float]]) -> None:
        """Keep outcomes, all of them or none. Raises FeedbackConflict, LocalFileError."""
        self._ask("record", list(outcomes))

    def read_tallies(self) -> dict[str, RunTally]:
        """Return the counts of all runs. Raises LocalFileError."""
        found: dict[str, RunTally] = self._ask("read_tallies")
        return found

    def read_outcomes(self) -> dict[str, Outcomes]:
        """Return the outcomes of all runs. Raises LocalFileError."""
        found: dict[str, Outcomes] = self._ask("read_outcomes")
        return found

    def _ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        work = asyncio.run_coroutine_threadsafe(self._within_time(method, *arguments), self._loop)
        try:
            return work.result()
        except (PeerLost, ClusterUnavailable, TimeoutError) as error:
            raise LocalFileError(f"the archive of the server does not answer: {error}") from error

    async def _within_time(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        async with asyncio.timeout(SECONDS):
            return await self._archive.ask(method, *arguments)
