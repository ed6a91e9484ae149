"""Confidence sequences: intervals that hold at all times together, however often one looks. Pure.

For each run, the sum of its outcomes' deviations, mixed over normally distributed alternatives, is
a martingale that seldom becomes large (Robbins 1970); with estimated variances the intervals hold
for all but small numbers of outcomes (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2021). The runs'
martingales multiply, which bounds what their means can be at the same time, and so the difference.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

ALPHA: Final = 0.05
TIGHTEST_AT: Final = 1000
"""The number of outcomes at which the intervals are the narrowest that they can be."""

FEWEST: Final = 20
"""Outcomes that each run must have before anything is said."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many outcomes a run has, their mean, and the sum of their squared distances to it."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def with_one(self, outcome: float) -> "Outcomes":
        """Return the outcomes with one more. Source: Welford 1962."""
        count = self.count + 1
        mean = self.mean + (outcome - self.mean) / count
        return Outcomes(count, mean, self.squares + (outcome - self.mean) * (outcome - mean))


class Interval(NamedTuple):
    """An estimate, and the bounds that hold with the asked confidence at all times."""

    estimate: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def mean_interval(of: Outcomes, *, alpha: float = ALPHA) -> Interval | None:
    """Return what the mean of a run's outcomes is; None while nothing can be said."""
    if of.count < FEWEST or of.squares <= 0:
        return None
    rate = _rate(alpha)
    bound = -math.log(alpha) + _spent(of.count, rate)
    radius = math.sqrt(bound / _weight(of.count, of.squares / (of.count - 1), rate))
    return Interval(of.mean, of.mean - radius, of.mean + radius)


def difference_interval(
    first: Outcomes, second: Outcomes, *, alpha: float = ALPHA
) -> Interval | None:
    """Return how much more the first's mean is; None while nothing can be said."""
    if min(first.count, second.count) < FEWEST:
        return None
    pooled = (first.squares + second.squares) / (first.count + second.count - 2)
    if pooled <= 0:
        return None
    rate = _rate(alpha)
    bound = -math.log(alpha) + _spent(first.count, rate) + _spent(second.count, rate)
    inverse = sum(1 / _weight(of.count, _variance(of, pooled), rate) for of in (first, second))
    estimate, radius = first.mean - second.mean, math.sqrt(bound * inverse)
    return Interval(estimate, estimate - radius, estimate + radius)


def _variance(of: Outcomes, pooled: float) -> float:
    """Return a run's variance; one that has seen little borrows from both."""
    return (of.squares + FEWEST * pooled) / (of.count - 1 + FEWEST)


def _rate(alpha: float) -> float:
    """Return the variance of the mixture that is the best for so many outcomes."""
    return (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / TIGHTEST_AT


def _spent(count: int, rate: float) -> float:
    return math.log(count * rate + 1) / 2


def _weight(count: int, variance: float, rate: float) -> float:
    return count**2 * rate / (2 * variance * (count * rate + 1))
