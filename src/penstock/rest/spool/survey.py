from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from penstock.errors import SpoolError
from penstock.rest.spool.frame import Damage, read_frames
from penstock.rest.spool.record import (
    Done,
    Header,
    Ranges,
    Record,
    Spooled,
    TagWrite,
    parse_record,
)
from penstock.rest.writer.kind import Kind

BUFFER_BYTES: Final = 1 << 20

TagTimes = dict[tuple[str, str], int]


class Survey:
    """What stands in a journal: where it is to be sent, what is settled, what is not.

    A last record that was never written to its end counts as not there. Reads the file once when
    it is made, and again for each `pending`. Raises SpoolError for a file that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: Header | None = None
        self.tags: TagTimes = {}
        self.damages: list[Damage] = []
        self.end = 0
        self._done: dict[str, Ranges] = {}
        self._read()

    @property
    def damaged_bytes(self) -> int:
        """Return how much of it is unreadable, but for a torn end."""
        return sum(damage.size for damage in self.damages)

    def pending(self) -> Iterator[Spooled]:
        """Yield the items that are not settled, in the order in which they were logged."""
        for found in self._found(self.end):
            if not isinstance(found, Damage):
                _, record = found
                if isinstance(record, Spooled) and not self._is_done(record):
                    yield record

    def count_pending(self) -> int:
        """Return how many items are not settled."""
        return sum(1 for _ in self.pending())

    def _read(self) -> None:
        for found in self._found(self._size()):
            if isinstance(found, Damage):
                self.damages.append(found)
            else:
                self.end, record = found
                self._note(record)
        if self.damages and self.damages[-1].is_torn:
            self.damages.pop()
        elif self.damages:
            self.end = max(self.end, self.damages[-1].place + self.damages[-1].size)
        for ranges in self._done.values():
            ranges.sort()

    def _note(self, record: Record) -> None:
        if isinstance(record, Spooled):
            if record.item.kind is Kind.TAG:
                self._note_tag(record.item.run_id, record.item.key, record.time)
        elif isinstance(record, TagWrite):
            self._note_tag(record.run_id, record.key, record.time)
        elif isinstance(record, Done):
            self._done.setdefault(record.run_id, []).extend(record.ranges)
        else:
            self.header = record

    def _note_tag(self, run_id: str, key: str, time: int) -> None:
        self.tags[run_id, key] = max(time, self.tags.get((run_id, key), 0))

    def _is_done(self, spooled: Spooled) -> bool:
        ranges = self._done.get(spooled.item.run_id, [])
        number = spooled.item.number
        place = bisect_right(ranges, (number, number))
        # A range that begins at the number sorts behind (number, number) only if it is longer.
        return any(first <= number <= last for first, last in ranges[max(0, place - 1) : place + 1])

    def _found(self, end: int) -> Iterator[tuple[int, Record] | Damage]:
        try:
            with self.path.open("rb", buffering=BUFFER_BYTES) as file:
                for found in read_frames(file, start=0, end=end):
                    if isinstance(found, Damage):
                        yield found
                    else:
                        yield found.end, parse_record(found.payload)
        except OSError as error:
            raise SpoolError(f"cannot read the journal {self.path}: {error}") from error

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise SpoolError(f"cannot read the journal {self.path}: {error}") from error


def newest_tags(surveys: list[Survey]) -> TagTimes:
    """Return when each tag got the latest of all values that these journals tell of."""
    newest: TagTimes = {}
    for survey in surveys:
        for tag, time in survey.tags.items():
            newest[tag] = max(time, newest.get(tag, 0))
    return newest
