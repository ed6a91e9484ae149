from collections.abc import Iterator
from typing import Final

from penstock.errors import PenstockError, SpoolError
from penstock.rest.writer.delivery import Refusal
from penstock.rest.writer.item import Item
from penstock.rest.writer.journal_like import JournalOpener
from penstock.rest.writer.keeper import Keeper
from penstock.rest.writer.lanes import Lanes
from penstock.rest.writer.overflow import Overflow
from penstock.rest.writer.parcel import Parcel

MOST_READ: Final = 10_000
MOST_COMPACTED: Final = 5_000


class Backlog:
    """What a writer was given and the server has not taken. Not safe for several threads.

    Up to `limit` items are in memory; a spool takes what is more. Those of a run leave in the
    order in which they came, also when they have gone through the spool.
    """

    def __init__(self, *, limit: int, open_journal: JournalOpener | None = None) -> None:
        self.keeper = Keeper(open_journal)
        self.is_due = False
        self._limit = limit
        self._held = 0
        self._number = 0
        self._lanes = Lanes()
        self._overflow = Overflow()
        self._sending: Parcel | None = None

    @property
    def count(self) -> int:
        """Return how many items there are."""
        return self._held + self._overflow.count

    @property
    def has_room(self) -> bool:
        """Tell whether an item can be added without a spool."""
        return self._held < self._limit and not self._overflow.count

    @property
    def last_number(self) -> int:
        """Return the number of the item that was added last."""
        return self._number

    def add(self, item: Item) -> bool:
        """Take an item, unless there is no room; `is_due` tells that something may have to go."""
        if not self.has_room:
            return self._put_aside(item)
        self._number += 1
        item.number = self._number
        self.keeper.keep(item)
        self._held += 1
        if self._lanes.add(item):
            self.is_due = True
        return True

    def take(self, *, since: float) -> Parcel | None:
        """Return what goes to the server next, if it fills a call or waits since that moment."""
        self.is_due = False
        self._sending = self._lanes.take(since=since)
        return self._sending

    def waits_since(self) -> float | None:
        """Return since when something waits; None if there is nothing in memory."""
        return self._lanes.waits_since()

    def settle(self, refusals: list[Refusal]) -> None:
        """Note what became of the parcel that was taken: all that was not refused is written."""
        parcel, self._sending = self._sending, None
        if parcel is None:
            return
        errors = {item.number: refusal.error for refusal in refusals for item in refusal.items}
        kept = {
            item.number for refusal in refusals if not refusal.is_final for item in refusal.items
        }
        self._held -= len(parcel.items)
        self.keeper.settle(parcel.items, kept)
        for item in parcel.items:
            if item.operation is not None:
                item.operation.settle(errors.get(item.number))
        self._compact()

    def first_number(self, run_id: str | None = None) -> int | None:
        """Return a number that no item is below, of one run or of all; None if there is none."""
        numbers = [self._overflow.first_number(), self._lanes.first_number(run_id)]
        if self._sending is not None and run_id in {None, self._sending.run_id}:
            numbers.append(self._sending.items[0].number)
        return min((number for number in numbers if number is not None), default=None)

    def wants_refill(self) -> bool:
        """Tell whether items are to be read back from the journal."""
        return bool(self._overflow.count) and self._held <= self._limit // 2

    def refill_from(self) -> tuple[int, int, int]:
        """Return from which place to which, and how many items, `refill` wants to be given."""
        journal = self.keeper.journal
        end = 0 if journal is None else journal.size
        return self._overflow.place, end, min(MOST_READ, self._limit - self._held)

    def refill(self, items: list[Item], place: int) -> None:
        """Take back items that were read from the journal up to a place."""
        self._overflow.take(items, place)
        for item in items:
            self._lanes.add(item)
        self._held += len(items)

    def drop(self, error: PenstockError) -> tuple[int, int, str]:
        """Let go of all; return how many are lost, how many stay in the spool, and its folder."""
        lost = sum(not item.is_spooled for item in self._items())
        waiting = [item.operation for item in self._items() if item.operation is not None]
        for operation in (*waiting, *self._overflow.operations()):
            operation.settle(error)
        self._held = 0
        self._lanes, self._overflow, self._sending = Lanes(), Overflow(), None
        folder = self.keeper.folder
        return lost, self.keeper.close(), folder

    def drop_overflow(self, error: SpoolError) -> None:
        """Let go of what only the journal holds; it stays there."""
        for operation in self._overflow.operations():
            operation.settle(error)
        self._overflow = Overflow()

    def _put_aside(self, item: Item) -> bool:
        item.number = self._number + 1
        if not self.keeper.keep(item):
            return False
        self._number += 1
        self._overflow.add(item)
        self.is_due = True
        return True

    def _items(self) -> Iterator[Item]:
        if self._sending is not None:
            yield from self._sending.items
        yield from self._lanes

    def _compact(self) -> None:
        journal = self.keeper.journal
        if journal is not None and not self._overflow.count and self._held <= MOST_COMPACTED:
            journal.compact(self._lanes)
