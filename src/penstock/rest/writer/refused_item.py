from typing import NamedTuple

from penstock.errors import PenstockError
from penstock.rest.writer.kind import Kind


class RefusedItem(NamedTuple):
    """Something that was logged in the background and that the server did not take."""

    run_id: str
    kind: Kind
    key: str
    error: PenstockError

    def __str__(self) -> str:
        return f"{self.kind} '{self.key}' of run {self.run_id}"
