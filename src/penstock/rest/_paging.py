from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from penstock.errors import NotMlflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from penstock.rest.entities import PagedList

T = TypeVar("T")


def iterate(fetch: Callable[[str | None], PagedList[T]]) -> Iterator[T]:
    """Yield the items of all pages; the next page is fetched when the one before is used up.

    Raises NotMlflow when a page names itself as the next one, rather than go round for ever.
    """
    token: str | None = None
    while True:
        page = fetch(token)
        yield from page
        if page.token is None:
            return
        if page.token == token:
            raise NotMlflow(
                "the server sends the same page again and again; check its version, and what "
                "stands between"
            )
        token = page.token
