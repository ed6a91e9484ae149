import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.rest._batches import cut_batches


def cut(**items: list[dict[str, str]]) -> list[dict[str, list[dict[str, object]]]]:
    return [json.loads(msgspec.json.encode(batch.fields())) for batch in cut_batches(**items)]


def numbered(count: int, size: int = 1) -> list[dict[str, str]]:
    return [{"key": str(number), "value": "x" * size} for number in range(count)]


def test_nothing_makes_no_batch():
    """And so no call."""
    assert [] == cut()


def test_little_makes_one_batch():
    """Kinds that are not there are left out."""
    assert [{"params": numbered(1), "metrics": numbered(2)}] == cut(
        params=numbered(1), metrics=numbered(2)
    )


def test_a_thousand_metrics_are_one_call():
    """And one more is a second."""
    assert [1000] == [len(batch["metrics"]) for batch in cut(metrics=numbered(1000))]
    assert [1000, 1] == [len(batch["metrics"]) for batch in cut(metrics=numbered(1001))]


def test_large_items_are_cut_by_size():
    """MLflow takes 1 MB a call."""
    batches = cut(params=numbered(30, size=90_000))
    assert max(len(json.dumps(batch, separators=(",", ":"))) for batch in batches) < 1_000_000
    assert 30 == sum(len(batch["params"]) for batch in batches)


def test_what_is_too_large_alone_is_sent_alone():
    """The server then says what is wrong with it."""
    assert [1, 1] == [len(batch["tags"]) for batch in cut(tags=numbered(2, size=2_000_000))]


@settings(deadline=None)
@given(st.integers(0, 350), st.integers(0, 350), st.integers(0, 2500))
def test_every_batch_is_within_the_limits_and_nothing_is_lost(params, tags, metrics):
    """In order, whatever the numbers."""
    batches = cut(params=numbered(params), tags=numbered(tags), metrics=numbered(metrics))
    for batch in batches:
        assert 0 < sum(len(items) for items in batch.values()) <= 1000
        assert len(batch.get("params", [])) <= 100
        assert len(batch.get("tags", [])) <= 100
    for kind, count in (("params", params), ("tags", tags), ("metrics", metrics)):
        assert numbered(count) == [item for batch in batches for item in batch.get(kind, [])]
