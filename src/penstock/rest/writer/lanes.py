import time
from collections import deque
from collections.abc import Iterator

from penstock.rest._batches import MOST_ENTITIES
from penstock.rest.writer.item import Item
from penstock.rest.writer.parcel import Parcel, cut_parcel


class Lane(deque[Item]):
    """The items of one run, in order, and since when the first of them waits."""

    def __init__(self) -> None:
        super().__init__()
        self.since = time.monotonic()


class Lanes:
    """Items by run. A run's turn comes when its items fill a call, or have waited long enough."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    def add(self, item: Item) -> bool:
        """Take an item; tell whether whoever waits for a turn must now count anew."""
        lane = self._lanes.get(item.run_id)
        if lane is None:
            lane = self._lanes[item.run_id] = Lane()
        lane.append(item)
        count = len(lane)
        return count == MOST_ENTITIES or (count == 1 and len(self._lanes) == 1)

    def take(self, *, since: float) -> Parcel | None:
        """Return the next parcel of a run that fills a call, or that waits since that moment."""
        run_id = self._find_due(since)
        if run_id is None:
            return None
        lane = self._lanes.pop(run_id)
        parcel = cut_parcel(run_id, lane)
        if lane:
            # Behind the others, but without another wait.
            self._lanes[run_id] = lane
        return parcel

    def waits_since(self) -> float | None:
        """Return since when the oldest run waits; None if there is nothing."""
        return min((lane.since for lane in self._lanes.values()), default=None)

    def first_number(self, run_id: str | None = None) -> int | None:
        """Return the number of the oldest item, of one run or of all."""
        if run_id is not None:
            lane = self._lanes.get(run_id)
            return lane[0].number if lane else None
        return min((lane[0].number for lane in self._lanes.values()), default=None)

    def __iter__(self) -> Iterator[Item]:
        for lane in self._lanes.values():
            yield from lane

    def _find_due(self, since: float) -> str | None:
        for run_id, lane in self._lanes.items():
            if lane.since <= since or len(lane) >= MOST_ENTITIES:
                return run_id
        return None
