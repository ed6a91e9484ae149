import time
from typing import Final

from penstock.rest.spool.frame import make_frame
from penstock.rest.spool.record import TagWrite, item_payload, item_prefix, tag_payload
from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind

MOST_PREFIXES: Final = 1000


class FrameMaker:
    """Makes the frames of one journal, and remembers when each tag got its latest value.

    These times only grow, even when the clock is set back.
    """

    def __init__(self) -> None:
        self.tags: dict[tuple[str, str], int] = {}
        self._time = 0
        self._prefixes: dict[tuple[Kind, str], bytes] = {}

    def of_item(self, item: Item) -> bytes:
        """Return the frame of an item that is logged now."""
        time_of_tag = 0
        if item.kind is Kind.TAG:
            time_of_tag = self.tags[item.run_id, item.key] = self._tick()
        return make_frame(item_payload(self._prefix(item), item, time_of_tag))

    def of_tag(self, run_id: str, key: str) -> bytes:
        """Return the frame that tells of a tag that is written now, past the journal."""
        self.tags[run_id, key] = self._tick()
        return make_frame(tag_payload(TagWrite(run_id, key, self.tags[run_id, key])))

    def of_tags(self) -> bytes:
        """Return frames that tell of all tags so far."""
        writes = (TagWrite(run_id, key, at) for (run_id, key), at in self.tags.items())
        return b"".join(make_frame(tag_payload(write)) for write in writes)

    def _prefix(self, item: Item) -> bytes:
        prefix = self._prefixes.get((item.kind, item.run_id))
        if prefix is None:
            if len(self._prefixes) >= MOST_PREFIXES:
                self._prefixes.clear()
            prefix = item_prefix(item.kind, item.run_id)
            self._prefixes[item.kind, item.run_id] = prefix
        return prefix

    def _tick(self) -> int:
        self._time = max(self._time + 1, time.time_ns())
        return self._time
