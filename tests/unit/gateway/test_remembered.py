"""What has been learned of MLflow, and for how long it counts."""

from clock import Clock
from penstock.gateway.proxy.targets.remembered import Remembered


def test_the_least_recently_used_leaves_first():
    """There is room for so many."""
    known: Remembered[str, int] = Remembered(2)
    known.put("a", 1)
    known.put("b", 2)
    assert 1 == known.get("a")
    known.put("c", 3)
    assert (1, None, 3) == (known.get("a"), known.get("b"), known.get("c"))


def test_an_old_entry_does_not_count():
    """What may change is asked for again."""
    clock = Clock(0.0)
    known: Remembered[str, int] = Remembered(2, seconds=5, clock=clock)
    known.put("a", 1)
    clock.now = 5
    assert 1 == known.get("a")
    clock.now = 5.1
    assert known.get("a") is None


def test_what_was_asked_for_before_is_not_remembered_after_a_change():
    """An answer that is under way may be older than the change."""
    known: Remembered[str, int] = Remembered(2)
    generation = known.generation
    known.forget()
    known.put("a", 1, generation=generation)
    assert known.get("a") is None
    known.put("a", 2, generation=known.generation)
    assert 2 == known.get("a")
    known.forget()
    assert known.get("a") is None
