"""One archive keeps the records of many routers."""

import asyncio

import pytest

from penstock.errors import FeedbackConflict, LocalFileError
from penstock.serving.archive import Archive, DistantLedger
from penstock.serving.engines.calls import PeerLost, unwrap
from penstock.serving.tally import RunTally


class ArchivePeer:
    """An archive that is asked as one in another process would be."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def ask(self, method: str, *arguments: object) -> object:
        return unwrap(await getattr(self._archive, method)(*arguments))


class LostPeer:
    """Nobody."""

    async def ask(self, method: str, *arguments: object) -> object:  # noqa: ARG002 - as asked
        raise PeerLost("gone")


def test_what_routers_write_adds_up(tmp_path):
    """Counts and outcomes of two of them; the key of the ids is the same for both."""

    async def write():
        archive = Archive("churn", tmp_path)
        ledgers = [DistantLedger(ArchivePeer(archive), await archive.key()) for _ in range(2)]
        for number, ledger in enumerate(ledgers):
            await asyncio.to_thread(ledger.add, {"a": RunTally(requests=2)})
            await asyncio.to_thread(ledger.record, [(f"request {number}", "a", 1.0)])
        assert ledgers[0].open("churn") == ledgers[1].open("churn")
        return (
            await asyncio.to_thread(ledgers[0].read_tallies),
            await asyncio.to_thread(ledgers[1].read_outcomes),
        )

    tallies, outcomes = asyncio.run(write())
    assert 4 == tallies["a"].requests
    assert 2 == outcomes["a"].count


def test_a_second_outcome_is_refused_whoever_is_told(tmp_path):
    """The error is the one of a ledger here."""

    async def write():
        archive = Archive("churn", tmp_path)
        ledger = DistantLedger(ArchivePeer(archive), await archive.key())
        await asyncio.to_thread(ledger.record, [("request", "a", 1.0)])
        await asyncio.to_thread(ledger.record, [("request", "a", 2.0)])

    with pytest.raises(FeedbackConflict, match="the first one counts"):
        asyncio.run(write())


def test_an_archive_that_is_away_is_a_file_that_cannot_be_written():
    """So counts are kept in memory meanwhile, as with a full disk."""

    async def write():
        await asyncio.to_thread(DistantLedger(LostPeer(), b"key").add, {"a": RunTally()})

    with pytest.raises(LocalFileError, match="archive"):
        asyncio.run(write())
