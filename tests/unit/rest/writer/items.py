"""Items for tests, and strategies that draw them."""

from hypothesis import strategies as st

from penstock.rest.writer.item import Item, make_item
from penstock.rest.writer.kind import Kind


def metric(value: float, key: str = "m", run_id: str = "r", operation=None) -> Item:
    fields = {"key": key, "value": value, "timestamp": 1, "step": 1}
    return make_item(run_id, Kind.METRIC, fields, operation)


def param(key: str, value: str = "1", run_id: str = "r") -> Item:
    return make_item(run_id, Kind.PARAM, {"key": key, "value": value})


def tag(key: str, value: str = "1", run_id: str = "r") -> Item:
    return make_item(run_id, Kind.TAG, {"key": key, "value": value})


def numbered(items: list[Item]) -> list[Item]:
    for number, item in enumerate(items, start=1):
        item.number = number
    return items


KEYS = st.sampled_from(["a", "b", "c", "d/e", "f g"])
RUNS = st.sampled_from(["r1", "r2", "r3"])
ITEMS = st.one_of(
    st.builds(metric, st.integers(0, 5), KEYS, RUNS),
    st.builds(param, KEYS, st.sampled_from(["1", "2"]), RUNS),
    st.builds(tag, KEYS, st.sampled_from(["1", "2"]), RUNS),
)
"""Few keys and values, so that many of them meet."""
