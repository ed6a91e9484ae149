from pathlib import Path
from typing import NamedTuple

from penstock.rest.writer.refused_item import RefusedItem


class SyncedJournal(NamedTuple):
    """What became of one journal of a spool.

    `superseded` counts tags of which a later value is known, `refused` the items that the server
    will never take, the first of which are `listed`; `left` is still to be sent, and `problem`
    says why it was not.
    """

    path: Path
    uri: str = ""
    sent: int = 0
    superseded: int = 0
    refused: int = 0
    listed: tuple[RefusedItem, ...] = ()
    left: int = 0
    damaged_bytes: int = 0
    is_in_use: bool = False
    problem: str = ""

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left in it."""
        return not (self.left or self.damaged_bytes or self.problem)
