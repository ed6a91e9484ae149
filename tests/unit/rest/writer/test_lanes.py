import time

from hypothesis import given
from hypothesis import strategies as st

from penstock.rest.writer.lanes import Lanes
from unit.rest.writer.items import ITEMS, metric, numbered

LONG_AGO, ALWAYS = float("-inf"), float("inf")


def test_nothing_is_due_in_empty_lanes():
    """And nothing waits."""
    lanes = Lanes()
    assert lanes.take(since=ALWAYS) is None
    assert (None, None) == (lanes.waits_since(), lanes.first_number())


def test_a_few_items_are_due_when_they_have_waited():
    """Not before."""
    before = time.monotonic()
    lanes = Lanes()
    lanes.add(metric(1))
    assert lanes.take(since=LONG_AGO) is None
    assert before <= lanes.waits_since() <= time.monotonic()
    assert 1 == len(lanes.take(since=time.monotonic()).items)


def test_enough_for_a_call_is_due_at_once():
    """And the one that waits for it is told."""
    lanes = Lanes()
    changes = [number for number in range(1001) if lanes.add(metric(number))]
    assert [0, 999] == changes
    assert 1000 == len(lanes.take(since=LONG_AGO).items)
    assert lanes.take(since=LONG_AGO) is None


def test_what_is_left_of_a_run_comes_after_other_runs():
    """So that none of them is kept waiting by it."""
    lanes = Lanes()
    for number in range(2500):
        lanes.add(metric(number, run_id="busy"))
    lanes.add(metric(1, run_id="other"))
    taken = [lanes.take(since=ALWAYS) for _ in range(4)]
    assert ["busy", "other", "busy", "busy"] == [parcel.run_id for parcel in taken]


def test_the_oldest_number_is_known():
    """Of a run, and of all."""
    lanes = Lanes()
    for item in numbered([metric(1, run_id=run) for run in ("a", "b", "a")]):
        lanes.add(item)
    assert (1, 1, 2) == (lanes.first_number(), lanes.first_number("a"), lanes.first_number("b"))
    assert lanes.first_number("c") is None
    lanes.take(since=ALWAYS)
    assert (2, None) == (lanes.first_number(), lanes.first_number("a"))


@given(st.lists(st.one_of(ITEMS, st.none()), max_size=80))
def test_each_run_keeps_its_order(steps):
    """However adding and taking mix; None takes."""
    lanes, added, taken = Lanes(), [], []
    for step in [*steps, *[None] * 200]:
        if step is not None:
            lanes.add(step)
            added.append(step)
        elif (parcel := lanes.take(since=ALWAYS)) is not None:
            assert {parcel.run_id} == {item.run_id for item in parcel.items}
            taken += parcel.items
    for run in ("r1", "r2", "r3"):
        assert [id(item) for item in added if item.run_id == run] == [
            id(item) for item in taken if item.run_id == run
        ]
