from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from penstock.rest.writer.kind import Kind
from penstock.rest.writer.parcel import cut_parcel
from unit.rest.writer.items import ITEMS, metric, param, tag


def cut_all(items):
    queue = deque(items)
    while queue:
        yield cut_parcel("r", queue)


def sizes(parcel):
    return {field: len(items) for field, items in parcel.batch.fields().items()}


def test_a_parcel_is_the_head_of_the_queue():
    """Up to what one call takes."""
    queue = deque(metric(number) for number in range(1500))
    parcel = cut_parcel("r", queue)
    assert (1000, 500) == (len(parcel.items), len(queue))
    assert {"metrics": 1000} == sizes(parcel)
    assert queue[0].body == metric(1000).body


def test_the_next_item_that_does_not_fit_ends_a_parcel():
    """Nothing overtakes it."""
    queue = deque([*(tag(str(number)) for number in range(101)), metric(1)])
    assert {"tags": 100} == sizes(cut_parcel("r", queue))
    assert {"tags": 1, "metrics": 1} == sizes(cut_parcel("r", queue))


def test_a_param_with_one_value_is_in_the_batch_once():
    """All its items belong to the parcel."""
    parcel = cut_parcel("r", deque([param("p"), metric(1), param("p"), param("q")]))
    assert {"params": 2, "metrics": 1} == sizes(parcel)
    assert 4 == len(parcel.items)
    assert [(Kind.PARAM, "p"), (Kind.METRIC, "m"), (Kind.PARAM, "q")] == [
        (item.kind, item.key) for item in parcel.sent()
    ]


def test_a_second_value_of_a_param_waits_for_the_next_call():
    """Where the server can compare it with the first."""
    queue = deque([param("p", "1"), param("p", "2"), metric(1)])
    assert [1, 2] == [len(parcel.items) for parcel in cut_all(queue)]


def test_a_part_of_a_parcel_is_one():
    """Also an empty one, which is a call without items."""
    items = [metric(number) for number in range(5)]
    parcel = cut_parcel("r", deque(items))
    assert items[1:3] == parcel.part(items[1:3]).items
    assert ({}, "r") == (sizes(parcel.part([])), parcel.part([]).run_id)


@given(st.lists(ITEMS, max_size=60))
def test_nothing_is_lost_or_moved(items):
    """Whatever comes."""
    parcels = list(cut_all(items))
    assert items == [item for parcel in parcels for item in parcel.items]
    for parcel in parcels:
        params = [item for item in parcel.sent() if item.kind is Kind.PARAM]
        assert len(params) == len({item.key for item in params})
        assert len(parcel.sent()) == sum(sizes(parcel).values())
        assert {item.body for item in parcel.items} == {item.body for item in parcel.sent()}
