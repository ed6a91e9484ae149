from collections.abc import Callable, Iterable
from typing import Protocol

from penstock.rest.writer.item import Item


class JournalLike(Protocol):
    """Where items are kept until the server has them. Every method raises SpoolError."""

    @property
    def folder(self) -> str:
        """Return the folder that it lies in."""

    @property
    def size(self) -> int:
        """Return how many bytes stand in it."""

    @property
    def left(self) -> int:
        """Return how many items in it are not settled."""

    def append(self, item: Item) -> None:
        """Take an item, and tell it its place; when it fails, it has not taken it."""

    def settle(self, run_id: str, ranges: list[tuple[int, int]], *, count: int) -> None:
        """Note that this many items of a run, with these numbers, need not be sent again."""

    def note_tag(self, run_id: str, key: str) -> None:
        """Note that a tag is written now, past this journal."""

    def read(self, place: int, *, end: int, most: int) -> tuple[list[Item], int]:
        """Return up to so many items from a place on, and where the next ones stand."""

    def compact(self, items: Iterable[Item]) -> None:
        """Go on with these items alone, if that is worth it, and no others are left."""

    def close(self) -> None:
        """End it; what is not settled stays."""

    def abandon(self) -> None:
        """Let go of it in the child of a fork."""


JournalOpener = Callable[[], JournalLike]
