from collections.abc import Callable
from typing import Final

from penstock.rest.spool.append_only import AppendOnlyFile
from penstock.rest.spool.frame import make_frame
from penstock.rest.spool.record import Ranges, Spooled, done_payload
from penstock.rest.spool.survey import Survey, TagTimes
from penstock.rest.writer.delivery import Delivery, Refusal
from penstock.rest.writer.keeper import ranges
from penstock.rest.writer.kind import Kind
from penstock.rest.writer.lanes import Lanes
from penstock.rest.writer.parcel import Parcel
from penstock.rest.writer.refused_item import RefusedItem

MOST_HELD: Final = 10_000
MOST_LISTED: Final = 1000
ALL: Final = float("inf")


class Resending:
    """Sends what is pending in one journal, and notes in it what need not be sent again.

    `newest` tells when each tag got its latest value; older ones are not sent. `problem` is why
    the server did not take, as things are, what it may take another time.
    """

    def __init__(
        self,
        survey: Survey,
        file: AppendOnlyFile,
        *,
        newest: TagTimes,
        on_progress: Callable[[int], None],
    ) -> None:
        self.sent = 0
        self.superseded = 0
        self.refused = 0
        self.listed: list[RefusedItem] = []
        self.problem = ""
        self._survey = survey
        self._file = file
        self._newest = newest
        self._on_progress = on_progress
        self._lanes = Lanes()
        self._held = 0

    def run(self, delivery: Delivery) -> None:
        """Send it all. Raises GaveUp when the server takes nothing any more."""
        for spooled in self._survey.pending():
            if self._is_superseded(spooled):
                self._pass_over(spooled)
                continue
            self._lanes.add(spooled.item)
            self._held += 1
            while self._held >= MOST_HELD:
                self._send_next(delivery)
        while self._held:
            self._send_next(delivery)

    def _is_superseded(self, spooled: Spooled) -> bool:
        item = spooled.item
        if item.kind is not Kind.TAG:
            return False
        return self._newest.get((item.run_id, item.key), 0) > spooled.time

    def _pass_over(self, spooled: Spooled) -> None:
        number = spooled.item.number
        self.superseded += 1
        self._note(spooled.item.run_id, [(number, number)], count=1)

    def _send_next(self, delivery: Delivery) -> None:
        parcel = self._lanes.take(since=ALL)
        if parcel is not None:
            self._settle(parcel, delivery.deliver(parcel))
            self._held -= len(parcel.items)

    def _settle(self, parcel: Parcel, refusals: list[Refusal]) -> None:
        kept: set[int] = set()
        for refusal in refusals:
            if refusal.is_final:
                self._list(refusal)
            else:
                kept.update(item.number for item in refusal.items)
                self.problem = str(refusal.error)
        refused = sum(len(refusal.items) for refusal in refusals if refusal.is_final)
        self.refused += refused
        self.sent += len(parcel.items) - refused - len(kept)
        self._note(parcel.run_id, ranges(parcel.items, kept), count=len(parcel.items))

    def _list(self, refusal: Refusal) -> None:
        room = MOST_LISTED - len(self.listed)
        self.listed += [
            RefusedItem(item.run_id, item.kind, item.key, refusal.error)
            for item in refusal.items[:room]
        ]

    def _note(self, run_id: str, settled: Ranges, *, count: int) -> None:
        if settled:
            self._file.append(make_frame(done_payload(run_id, settled)))
        self._on_progress(count)
