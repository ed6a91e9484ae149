from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Final

from penstock.errors import PenstockError, SpoolError
from penstock.rest.spool.append_only import AppendOnlyFile
from penstock.rest.spool.folder import remove
from penstock.rest.spool.resending import Resending
from penstock.rest.spool.route import Route
from penstock.rest.spool.survey import Survey, TagTimes, newest_tags
from penstock.rest.spool.synced_journal import SyncedJournal
from penstock.rest.spool.taken_journal import TakenJournal
from penstock.rest.writer.patience import GaveUp

if TYPE_CHECKING:
    from penstock.rest._connection import Connection
    from penstock.rest.spool.folder import SpoolFolder

LIMIT: Final = 30.0

Connect = Callable[[str], "Connection"]
Progress = Callable[[int, int], None]
"""Is told how many of how many items are dealt with."""


def ignore_progress(done: int, total: int, /) -> None:
    """Let nobody know how far it is."""


class SpoolSync:
    """Sends what processes that have ended left in a spool.

    `connect` returns the way to the server of an address: the one that a journal names, or `to`.
    `limit` is for how many seconds a server may take nothing before the rest is left.
    """

    def __init__(
        self,
        folder: SpoolFolder,
        connect: Connect,
        *,
        to: str | None = None,
        limit: float = LIMIT,
        on_progress: Progress = ignore_progress,
    ) -> None:
        self._folder = folder
        self._connect = connect
        self._to = to
        self._limit = limit
        self._on_progress = on_progress
        self._routes: dict[str, Route] = {}
        self._done = 0

    def run(self) -> list[SyncedJournal]:
        """Send all there is; return what became of each journal, the oldest first.

        Raises SpoolError for a folder that cannot be read.
        """
        self._folder.check()
        with ExitStack() as opened:
            taken = [
                opened.enter_context(closing(TakenJournal(path)))
                for path in self._folder.journals()
            ]
            try:
                synced = self._sync_all([journal for journal in taken if not journal.is_gone])
            finally:
                for route in self._routes.values():
                    route.close()
        self._folder.forget_tags()
        return synced

    def _sync_all(self, journals: list[TakenJournal]) -> list[SyncedJournal]:
        surveys = [journal.survey for journal in journals if journal.survey is not None]
        newest = newest_tags([*surveys, *(Survey(path) for path in self._folder.memos())])
        total = sum(journal.pending for journal in journals if not journal.is_in_use)
        return [self._sync(journal, newest, total) for journal in journals]

    def _sync(self, journal: TakenJournal, newest: TagTimes, total: int) -> SyncedJournal:
        survey = journal.survey
        if survey is None or journal.descriptor is None:
            return SyncedJournal(
                journal.path,
                left=journal.pending,
                is_in_use=journal.is_in_use,
                problem="" if journal.is_in_use else journal.problem,
            )
        file = AppendOnlyFile(journal.path, journal.descriptor, size=survey.end)
        file.cut(survey.end)
        sending = Resending(survey, file, newest=newest, on_progress=self._advance(total))
        problem, address = self._send(sending, journal, survey)
        synced = SyncedJournal(
            journal.path,
            uri=address,
            sent=sending.sent,
            superseded=sending.superseded,
            refused=sending.refused,
            listed=tuple(sending.listed),
            left=journal.pending - sending.sent - sending.superseded - sending.refused,
            damaged_bytes=survey.damaged_bytes,
            problem=problem or sending.problem,
        )
        if synced.is_settled:
            remove(journal.path)
        return synced

    def _send(self, sending: Resending, journal: TakenJournal, survey: Survey) -> tuple[str, str]:
        """Send what is pending; return why some of it is not sent, and the server's address."""
        named = "" if survey.header is None else survey.header.uri
        if not journal.pending:
            return "", named
        if not (self._to or named):
            return "the record that names its server is damaged; name one with --to", ""
        try:
            route = self._route(self._to or named)
        except PenstockError as error:
            return str(error), named
        try:
            sending.run(route.delivery)
        except GaveUp:
            return str(route.patience.problem), route.address
        except SpoolError as error:
            return str(error), route.address
        return "", route.address

    def _route(self, address: str) -> Route:
        if address not in self._routes:
            self._routes[address] = Route(self._connect(address), limit=self._limit)
        return self._routes[address]

    def _advance(self, total: int) -> Callable[[int], None]:
        def advance(count: int) -> None:
            self._done += count
            self._on_progress(self._done, total)

        return advance
