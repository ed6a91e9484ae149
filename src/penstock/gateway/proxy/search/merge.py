"""Read several sources as one list, in the asked order, page by page."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from penstock.gateway.proxy.search.order import Order

MOST_PAGES: Final = 40
"""Pages of MLflow's that one page of ours may cost, beyond the first one of each source.

When they are used up the page ends early, with a token to go on.
"""

Row = Mapping[str, Any]
Fetch = Callable[[str], Awaitable[tuple[Sequence[Row], str]]]
"""Returns the rows of the page that a token of MLflow's names, and the token of the next one."""


@dataclass(slots=True)
class Reader:
    """A source, read from a position: the token of one of MLflow's pages, and rows to skip there.

    `accepts` tells which rows are to be shown.
    """

    fetch: Fetch
    accepts: Callable[[Row], bool]
    token: str = ""
    skip: int = 0
    ended: bool = False
    _rows: Sequence[Row] | None = None
    _next: str = ""

    @property
    def position(self) -> list[Any]:
        """Where to go on, as JSON."""
        return [self.token, self.skip, self.ended]

    @property
    def head(self) -> Row | None:
        """The next row that was read, None at the end or where more has to be fetched."""
        if self._rows is None or self.skip >= len(self._rows):
            return None
        return self._rows[self.skip]

    @property
    def needs_page(self) -> bool:
        """Whether only another page tells what comes next."""
        return not self.ended and self.head is None

    async def read(self) -> None:
        """Fetch the page of the position, or the one after it."""
        if self._rows is not None:
            self.token, self.skip = self._next, self.skip - len(self._rows)
        self._rows, self._next = await self.fetch(self.token)
        self._pass_over()

    def advance(self) -> None:
        """Go on to the next row that is to be shown."""
        self.skip += 1
        self._pass_over()

    def _pass_over(self) -> None:
        while (row := self.head) is not None and not self.accepts(row):
            self.skip += 1
        if self.head is None and not self._next:
            self.ended = True


@dataclass(slots=True)
class Page:
    """Rows, and the positions to go on from; None where there is nothing left to show."""

    rows: list[Row] = field(default_factory=list)
    positions: list[list[Any]] | None = None


async def read_page(readers: Sequence[Reader], order: Order, *, size: int) -> Page:
    """Return the next rows of all readers in order, `size` of them unless there are fewer."""
    page = Page()
    budget = MOST_PAGES
    await asyncio.gather(*(reader.read() for reader in readers if not reader.ended))
    while True:
        for reader in readers:
            while reader.needs_page and budget:
                budget -= 1
                await reader.read()
        if any(reader.needs_page for reader in readers):
            page.positions = page.positions or [reader.position for reader in readers]
            return page
        first = _first(readers, order)
        if first is None or first.head is None:
            page.positions = None
            return page
        if page.positions is not None:
            return page
        page.rows.append(first.head)
        first.advance()
        if len(page.rows) == size:
            page.positions = [reader.position for reader in readers]


def _first(readers: Sequence[Reader], order: Order) -> Reader | None:
    found: Reader | None = None
    for reader in readers:
        if reader.head is not None and (
            found is None or found.head is None or order.precedes(reader.head, found.head)
        ):
            found = reader
    return found
