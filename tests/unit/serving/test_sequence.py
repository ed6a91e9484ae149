"""Confidence sequences, on simulated streams of outcomes."""

import random
from collections.abc import Callable

import pytest

from penstock.serving.sequence import (
    ALPHA,
    FEWEST,
    Outcomes,
    difference_interval,
    mean_interval,
)

STREAMS = 2000
LENGTH = 400
"""Outcomes of each run in a stream; after each one somebody looks."""

KINDS: dict[str, Callable[[random.Random], float]] = {
    "rare": lambda source: float(source.random() < 0.05),
    "even": lambda source: float(source.random() < 0.5),
    "normal": lambda source: source.gauss(3, 2),
    "skewed": lambda source: source.expovariate(1),
}


def is_fooled(source: random.Random, kind: Callable[[random.Random], float]) -> bool:
    """Tell whether anybody who looks at each outcome ever sees a difference that is not there."""
    sides = [Outcomes(), Outcomes()]
    for _ in range(2 * LENGTH):
        side = source.random() < 0.5
        sides[side] = sides[side].with_one(kind(source))
        interval = difference_interval(*sides)
        if interval is not None and interval.is_clear:
            return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_people_may_peek(kind):
    """Of 2,000 A/A streams, looked at after each outcome, at most 5 % ever show a difference."""
    source = random.Random(kind)
    fooled = sum(is_fooled(source, KINDS[kind]) for _ in range(STREAMS // len(KINDS)))
    assert fooled <= ALPHA * STREAMS / len(KINDS)


def test_a_difference_that_is_there_is_found():
    """An interval that never became clear would be of no use."""
    source, first, second = random.Random(1), Outcomes(), Outcomes()
    for _ in range(3000):
        first = first.with_one(float(source.random() < 0.3))
        second = second.with_one(float(source.random() < 0.2))
    interval = difference_interval(first, second)
    assert interval is not None
    assert interval.low > 0
    assert interval.low < 0.1 < interval.high


def test_the_mean_lies_within_its_bounds_at_all_times():
    """Also for each run by itself."""
    source, missed = random.Random(2), 0
    for _ in range(300):
        known, is_missed = Outcomes(), False
        for _ in range(300):
            known = known.with_one(source.gauss(1, 1))
            interval = mean_interval(known)
            is_missed |= interval is not None and not interval.low <= 1 <= interval.high
        missed += is_missed
    assert missed <= ALPHA * 300


def test_nothing_is_said_of_too_few_or_of_equal_outcomes():
    """No variance, no bounds."""
    few = Outcomes(FEWEST - 1, 0.5, 4.0)
    equal = Outcomes(1000, 1.0, 0.0)
    assert mean_interval(few) is None
    assert mean_interval(equal) is None
    assert difference_interval(few, Outcomes(1000, 0.5, 250.0)) is None
    assert difference_interval(equal, equal) is None


def test_outcomes_add_up_as_they_come():
    """One by one, as over all of them."""
    known = Outcomes()
    for value in (1.0, 2.0, 4.0):
        known = known.with_one(value)
    assert (3, pytest.approx(7 / 3), pytest.approx(14 / 3)) == (
        known.count,
        known.mean,
        known.squares,
    )
