from hypothesis import given
from hypothesis import strategies as st

from penstock.rest.writer.keeper import Keeper, ranges
from unit.rest.writer.items import metric, numbered


def test_without_a_spool_nothing_is_kept():
    """And nothing goes wrong."""
    keeper = Keeper(None)
    assert not keeper.keep(metric(1))
    keeper.settle([metric(1)], set())
    keeper.note_tag("r", "t")
    assert (None, "", 0, None) == (
        keeper.journal,
        keeper.folder,
        keeper.close(),
        keeper.take_trouble(),
    )


@given(st.lists(st.integers(1, 5), max_size=30), st.data())
def test_ranges_hold_all_numbers_but_those_that_are_kept(gaps, draw):
    """Numbers of one run grow, with gaps where other runs have theirs."""
    items = numbered([metric(1) for _ in gaps])
    number = 0
    for item, gap in zip(items, gaps, strict=True):
        number += gap
        item.number = number
    kept = draw.draw(st.sets(st.sampled_from([item.number for item in items] or [0])))
    found = ranges(items, kept)
    for item in items:
        inside = [first for first, last in found if first <= item.number <= last]
        assert (item.number not in kept) is (len(inside) == 1)
