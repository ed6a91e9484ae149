"""How records stand in a journal: each with a mark, its length and a checksum.

The mark begins with a byte that no JSON text holds, so that the next whole record is found again
behind a damaged one.
"""

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

MARK: Final = b"\xffpj\x01"
HEAD: Final = Struct("<4sII")
MOST_BYTES: Final = 1 << 28
SCAN_BYTES: Final = 1 << 20


class Frame(NamedTuple):
    """A whole record, and where it begins."""

    place: int
    payload: bytes

    @property
    def end(self) -> int:
        """Return where the next one begins."""
        return self.place + HEAD.size + len(self.payload)


class Damage(NamedTuple):
    """Bytes that are no whole record.

    `is_torn` tells that they are the beginning of a record that was never written to its end.
    """

    place: int
    size: int
    is_torn: bool


def make_frame(payload: bytes) -> bytes:
    """Return the bytes of a record."""
    return HEAD.pack(MARK, len(payload), crc32(payload)) + payload


def read_frames(file: BinaryIO, *, start: int, end: int) -> Iterator[Frame | Damage]:
    """Yield what stands between two places, in order."""
    place = start
    while place < end:
        frame = _read_frame(file, place, end)
        if frame is not None:
            yield frame
            place = frame.end
            continue
        following = _find_frame(file, place + 1, end)
        is_torn = following is None and _is_cut_short(file, place, end)
        yield Damage(place, (end if following is None else following) - place, is_torn)
        place = end if following is None else following


def _read_frame(file: BinaryIO, place: int, end: int) -> Frame | None:
    if file.tell() != place:
        file.seek(place)
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    mark, length, checksum = HEAD.unpack(head)
    if mark != MARK or length > MOST_BYTES or place + HEAD.size + length > end:
        return None
    payload = file.read(length)
    if len(payload) < length or crc32(payload) != checksum:
        return None
    return Frame(place, payload)


def _find_frame(file: BinaryIO, start: int, end: int) -> int | None:
    place = start
    while place < end:
        file.seek(place)
        found = file.read(min(SCAN_BYTES, end - place)).find(MARK)
        if found >= 0:
            if _read_frame(file, place + found, end) is not None:
                return place + found
            place += found + 1
        else:
            # A mark may lie across the end of what was read.
            place += max(1, SCAN_BYTES - len(MARK) + 1)
    return None


def _is_cut_short(file: BinaryIO, place: int, end: int) -> bool:
    file.seek(place)
    head = file.read(HEAD.size)
    if end - place < HEAD.size:
        return head[: len(MARK)] == MARK[: len(head)]
    mark, length, _ = HEAD.unpack(head)
    return bool(mark == MARK and place + HEAD.size + length > end)
