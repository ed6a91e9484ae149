import logging
from collections.abc import Sequence

from penstock.errors import SpoolError
from penstock.rest.writer.item import Item
from penstock.rest.writer.journal_like import JournalLike, JournalOpener


class Keeper:
    """Writes items to the journal of a writer that has a spool, and goes on without when it fails.

    The journal is opened with the first item, and closed when there is nothing to do.
    """

    def __init__(self, open_journal: JournalOpener | None) -> None:
        self._open_journal = open_journal
        self._journal: JournalLike | None = None
        self._trouble: SpoolError | None = None
        self._is_told = False

    @property
    def journal(self) -> JournalLike | None:
        """Return the journal that is open, if any."""
        return self._journal

    @property
    def folder(self) -> str:
        """Return the spool's folder, as far as anything lies in it; else nothing."""
        return "" if self._journal is None else self._journal.folder

    @property
    def trouble(self) -> SpoolError | None:
        """Return why the last item could not be written, if it could not."""
        return self._trouble

    def keep(self, item: Item) -> bool:
        """Write an item to the journal; tell whether it stands there."""
        try:
            journal = self._journal or self._open()
            if journal is None:
                return False
            journal.append(item)
        except SpoolError as error:
            self._trouble = error
            return False
        if self._trouble is not None:
            self._recover()
        return True

    def take_trouble(self) -> SpoolError | None:
        """Return what its first item that could not be written failed with, once."""
        if self._trouble is None or self._is_told:
            return None
        self._is_told = True
        return self._trouble

    def settle(self, items: Sequence[Item], kept: set[int]) -> None:
        """Note that items of one run need not be sent again, but for those with these numbers."""
        done = [item for item in items if item.is_spooled and item.number not in kept]
        if self._journal is None or not done:
            return
        try:
            self._journal.settle(done[0].run_id, ranges(items, kept), count=len(done))
        except SpoolError as error:
            # Then `penstock sync` sends them again, which does no harm.
            _logger().warning("%s", error)

    def note_tag(self, run_id: str, key: str) -> None:
        """Note that a tag is written now, past the queue: no older value may come after it."""
        try:
            journal = self._journal or self._open()
            if journal is not None:
                journal.note_tag(run_id, key)
        except SpoolError as error:
            _logger().warning("%s", error)

    def close(self) -> int:
        """Close the journal; return how many items stay in it."""
        journal, self._journal = self._journal, None
        if journal is None:
            return 0
        try:
            journal.close()
        except SpoolError as error:
            _logger().warning("%s", error)
        return journal.left

    def abandon(self) -> None:
        """Let go of the journal in the child of a fork."""
        if self._journal is not None:
            self._journal.abandon()

    def _open(self) -> JournalLike | None:
        self._journal = None if self._open_journal is None else self._open_journal()
        return self._journal

    def _recover(self) -> None:
        self._trouble = None
        self._is_told = False
        _logger().warning("the spool can be written again")


def ranges(items: Sequence[Item], kept: set[int]) -> list[tuple[int, int]]:
    """Return the numbers of items, in order, as ranges that leave out those which are kept."""
    found: list[tuple[int, int]] = []
    first: int | None = None
    last = 0
    for item in items:
        if item.number in kept:
            if first is not None:
                found.append((first, last))
            first = None
        else:
            first, last = item.number if first is None else first, item.number
    if first is not None:
        found.append((first, last))
    return found


def _logger() -> logging.Logger:
    return logging.getLogger("penstock.rest")
