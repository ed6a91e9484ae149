"""Several sources read as one list, page by page."""

import asyncio
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from penstock.gateway.proxy.search.merge import MOST_PAGES, Reader, read_page
from penstock.gateway.proxy.search.order import Field, Order

BY_NUMBER = Order((Field("number", is_number=True),))


def reader(rows, *, page_size, accepts=lambda _: True, asked=None):
    """Return a reader of a list, whose tokens are offsets as in MLflow."""

    async def fetch(token):
        start = int(token or 0)
        if asked is not None:
            asked.append(start)
        end = start + page_size
        return rows[start:end], str(end) if end < len(rows) else ""

    return Reader(fetch, accepts)


def all_pages(make, *, size):
    """Return the pages that a client sees who follows the tokens."""
    pages, positions = [], None
    while True:
        readers = make()
        for one, (token, skip, ended) in zip(readers, positions or [], strict=False):
            one.token, one.skip, one.ended = token, skip, ended
        page = asyncio.run(read_page(readers, BY_NUMBER, size=size))
        pages.append([row["number"] for row in page.rows])
        if page.positions is None:
            return pages
        positions = page.positions


@given(
    st.lists(st.lists(st.integers(0, 50), max_size=20), min_size=1, max_size=4),
    st.integers(1, 7),
    st.integers(1, 7),
)
def test_pages_hold_all_rows_in_order_and_none_twice(lists, size, page_size):
    """Every page but the last is full; the last one has no token."""
    sources = [[{"number": one} for one in sorted(numbers)] for numbers in lists]
    pages = all_pages(lambda: [reader(one, page_size=page_size) for one in sources], size=size)
    assert sorted(number for numbers in lists for number in numbers) == list(chain(*pages))
    assert {size} >= {len(page) for page in pages[:-1]}
    assert pages[-1] or len(pages) == 1


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5), st.integers(1, 5))
def test_what_is_not_accepted_leaves_no_trace(visible, size, page_size):
    """Neither short pages nor a token at the end tell of rows that nobody may see."""
    rows = [{"number": number, "seen": seen} for number, seen in enumerate(visible)]
    pages = all_pages(
        lambda: [reader(rows, page_size=page_size, accepts=lambda row: row["seen"])], size=size
    )
    expected = [row["number"] for row in rows if row["seen"]]
    assert expected == list(chain(*pages))
    assert max(1, -(-len(expected) // size)) == len(pages)


def test_a_page_costs_a_bounded_number_of_calls():
    """Where almost nothing may be seen, a page ends early, and its token goes on from there."""
    rows = [{"number": number} for number in range(MOST_PAGES * 3)]
    asked = []
    page = asyncio.run(
        read_page(
            [reader(rows, page_size=1, accepts=lambda _: False, asked=asked)], BY_NUMBER, size=5
        )
    )
    assert MOST_PAGES + 1 == len(asked)
    assert [] == page.rows
    assert page.positions is not None


def test_what_has_been_read_is_not_read_again():
    """The next page begins with MLflow's page on which the last one ended."""
    rows = [{"number": number} for number in range(10)]
    first = asyncio.run(read_page([reader(rows, page_size=4)], BY_NUMBER, size=4))
    assert [["", 4, False]] == first.positions
