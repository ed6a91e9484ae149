"""Which run answers a request: by its fraction, and the same one for the same key. Pure.

Each pair of a key and a run has a fixed random time, exponentially distributed; divided by the
run's fraction it says when that run would come first, and the first one answers. So a key can go
from one run to another only where the second's fraction has grown against the first's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate
from typing import Final, NamedTuple

_BITS: Final = 64
_MASK: Final = (1 << _BITS) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


class _Share(NamedTuple):
    run_id: str
    fraction: float
    seed: int


@dataclass(frozen=True)
class Choice:
    """The fractions of the runs that answer; they need not add up to 1, but are above 0."""

    fractions: Mapping[str, float]

    def by_key(self, key: str) -> str | None:
        """Return the run of a key, or None where no run answers."""
        if len(self.fractions) < 2:  # noqa: PLR2004 - without a second one there is no choice
            return next(iter(self.fractions), None)
        place = _digest(key)
        return min(self._shares, key=lambda share: _arrival(place, share)).run_id

    def at(self, point: float) -> str | None:
        """Return the run of a point in [0, 1), such as a random one; None where no run answers."""
        wanted = point * self._total
        for run_id, bound in self._bounds:
            if wanted < bound:
                return run_id
        return self._bounds[-1][0] if self._bounds else None

    @cached_property
    def _shares(self) -> tuple[_Share, ...]:
        return tuple(
            _Share(run_id, fraction, _digest(run_id)) for run_id, fraction in self.fractions.items()
        )

    @cached_property
    def _bounds(self) -> tuple[tuple[str, float], ...]:
        return tuple(zip(self.fractions, accumulate(self.fractions.values()), strict=True))

    @cached_property
    def _total(self) -> float:
        return self._bounds[-1][1] if self._bounds else 0.0


def _digest(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BITS // 8).digest()
    return int.from_bytes(digest, "big")


def _arrival(place: int, share: _Share) -> float:
    uniform = (_mix(place ^ share.seed) + 0.5) / (1 << _BITS)
    return -math.log(uniform) / share.fraction


def _mix(number: int) -> int:
    """Return a number of 64 bits, each of which depends on each bit of the given one.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    mixed = (number + _STEP) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
    return mixed ^ (mixed >> 31)
