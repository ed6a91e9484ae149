"""What goes to the server in one call. Pure."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from penstock.rest._batches import Batch
from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind


class Parcel(NamedTuple):
    """Items of one run, in order, and the batch that carries them.

    A param that stands among the items twice with one value is in the batch once, for MLflow
    refuses the batch otherwise.
    """

    run_id: str
    items: list[Item]
    batch: Batch

    def part(self, items: Iterable[Item]) -> "Parcel":
        """Return a parcel of some of the items."""
        return cut_parcel(self.run_id, deque(items))

    def sent(self) -> list[Item]:
        """Return the items without repeated params: those of each kind in the order of the call."""
        seen: set[str] = set()
        return [item for item in self.items if not _repeats(item, seen)]


def cut_parcel(run_id: str, queue: deque[Item]) -> Parcel:
    """Take from the head of a queue what fits into one call, at least one item."""
    batch = Batch()
    items: list[Item] = []
    params: dict[str, bytes] = {}
    while queue:
        item = queue[0]
        known = params.get(item.key) if item.kind is Kind.PARAM else None
        if known is None:
            if not batch.has_room(item.kind.field, item.body):
                break
            batch.add(item.kind.field, item.body)
            if item.kind is Kind.PARAM:
                params[item.key] = item.body
        elif known != item.body:
            # Two values: the server has to know the first to refuse the second.
            break
        items.append(queue.popleft())
    return Parcel(run_id, items, batch)


def _repeats(item: Item, seen: set[str]) -> bool:
    if item.kind is not Kind.PARAM:
        return False
    is_known = item.key in seen
    seen.add(item.key)
    return is_known
