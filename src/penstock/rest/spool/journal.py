import os
import time
from collections.abc import Iterable, Sequence
from typing import Final

from penstock.errors import SpoolError
from penstock.rest.spool.append_only import AppendOnlyFile, create_file
from penstock.rest.spool.folder import JOURNAL, MEMO, SpoolFolder
from penstock.rest.spool.frame import Damage, make_frame, read_frames
from penstock.rest.spool.frames import FrameMaker
from penstock.rest.spool.record import (
    Header,
    Ranges,
    Spooled,
    done_payload,
    header_payload,
    parse_record,
)
from penstock.rest.writer.item import Item

COMPACT_BYTES: Final = 16 << 20


class Journal:
    """What one client of one process has logged, and the server may not have yet.

    Not safe for several threads at a time, but for `read`.
    """

    def __init__(self, folder: SpoolFolder, uri: str) -> None:
        self._folder = folder
        self._uri = uri
        self._left = 0
        self._compact_at = COMPACT_BYTES
        self._frames = FrameMaker()
        self._file = self._start_file(JOURNAL)

    @property
    def folder(self) -> str:
        """Return the folder that it lies in."""
        return str(self._folder.path)

    @property
    def size(self) -> int:
        """Return how many bytes stand in it."""
        return self._file.size

    @property
    def left(self) -> int:
        """Return how many items in it are not settled."""
        return self._left

    def append(self, item: Item) -> None:
        """Take an item, and tell it its place. Raises SpoolError, and has then not taken it."""
        item.place = self._file.append(self._frames.of_item(item))
        self._left += 1

    def settle(self, run_id: str, ranges: Ranges, *, count: int) -> None:
        """Note that this many items of a run, with these numbers, need not be sent again."""
        self._left -= count
        self._file.append(make_frame(done_payload(run_id, ranges)))

    def note_tag(self, run_id: str, key: str) -> None:
        """Note that a tag is written now, past this journal."""
        self._file.append(self._frames.of_tag(run_id, key))

    def read(self, place: int, *, end: int, most: int) -> tuple[list[Item], int]:
        """Return up to so many items from a place on, and where the next ones stand.

        Raises SpoolError when somebody has damaged or removed the file.
        """
        items: list[Item] = []
        try:
            with self._file.path.open("rb", buffering=1 << 20) as file:
                for found in read_frames(file, start=place, end=end):
                    if isinstance(found, Damage):
                        raise SpoolError(f"{self._file.path} is damaged at byte {found.place}")
                    place = found.end
                    record = parse_record(found.payload)
                    if isinstance(record, Spooled):
                        record.item.place = found.place
                        items.append(record.item)
                    if len(items) == most:
                        break
        except OSError as error:
            raise SpoolError(f"cannot read the journal {self._file.path}: {error}") from error
        return items, place

    def compact(self, items: Iterable[Item]) -> None:
        """Go on in a new file with these items alone, once the old one is large.

        Nothing happens when more than these are left, or the disk refuses it.
        """
        if self._file.size < self._compact_at:
            return
        spooled = [item for item in items if item.is_spooled]
        if len(spooled) < self._left:
            return
        try:
            self._move(spooled)
        except (SpoolError, OSError):
            self._compact_at = 2 * self._file.size

    def close(self) -> None:
        """End it. It stays as long as something in it is to be sent, or matters to another one."""
        if self._left > 0:
            self._file.close()
            return
        try:
            others = [path for path in self._folder.journals() if path != self._file.path]
            if others and self._frames.tags:
                self._start_file(MEMO).close()
            self._file.unlink()
            self._folder.forget_tags()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Let go of it in the child of a fork: it is the parent's."""
        self._file.close()

    def _move(self, items: Sequence[Item]) -> None:
        frames = [self._file.copy_frame(item.place) for item in items]
        fresh = self._start_file(JOURNAL, b"".join(frames))
        place = fresh.size
        for item, frame in zip(reversed(items), reversed(frames), strict=True):
            place -= len(frame)
            item.place = place
        old, self._file = self._file, fresh
        old.unlink()
        self._compact_at = max(COMPACT_BYTES, 2 * fresh.size)

    def _start_file(self, suffix: str, frames: bytes = b"") -> AppendOnlyFile:
        header = Header(
            uri=self._uri,
            created=time.time_ns() // 1_000_000,
            pid=os.getpid(),
            host=os.uname().nodename,
        )
        file = create_file(self._folder, suffix)
        try:
            file.append(make_frame(header_payload(header)) + self._frames.of_tags() + frames)
        except BaseException:
            file.unlink()
            raise
        return file
