import weakref

from penstock.rest._operations import RunOperations
from penstock.rest.writer.item import Item


class Overflow:
    """Items that only the journal holds, for the memory is full: from one place to its end.

    Operations that nobody holds any more need not be told of anything.
    """

    def __init__(self) -> None:
        self.count = 0
        self.place = 0
        self._first = 0
        self._operations: weakref.WeakValueDictionary[int, RunOperations] = (
            weakref.WeakValueDictionary()
        )

    def add(self, item: Item) -> None:
        """Count an item that has just been written to the journal."""
        if not self.count:
            self.place, self._first = item.place, item.number
        self.count += 1
        if item.operation is not None:
            self._operations[item.number] = item.operation

    def take(self, items: list[Item], place: int) -> None:
        """Note that these were read, and that the next ones stand at a place."""
        for item in items:
            item.operation = self._operations.pop(item.number, None)
        self.count -= len(items)
        self.place = place
        if items:
            self._first = items[-1].number + 1

    def first_number(self) -> int | None:
        """Return a number that none of the items is below; None if there are none."""
        return self._first if self.count else None

    def operations(self) -> list[RunOperations]:
        """Return the operations of the items, one for each item, as far as anybody holds them."""
        return list(self._operations.values())
