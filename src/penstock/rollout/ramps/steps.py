"""The steps of a ramp. Pure."""

import math
from itertools import pairwise

from penstock.errors import InvalidRollout

HUNDRED = 100


def parse_steps(text: str) -> tuple[float, ...]:
    """Return the fractions of `1,5,25,100`, percentages that grow. Raises InvalidRollout."""
    steps = tuple(_parse_step(part.strip()) for part in text.split(","))
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise InvalidRollout(f"the steps must grow, such as 1,5,25,100, not '{text}'")
    return steps


def left_steps(steps: tuple[float, ...], fraction: float) -> tuple[float, ...]:
    """Return the steps that give a run more than it has. Raises InvalidRollout for none."""
    left = tuple(step for step in steps if step > fraction)
    if not left:
        raise InvalidRollout(
            f"the run has {fraction * HUNDRED:g} % already; give a step that is larger"
        )
    return left


def _parse_step(text: str) -> float:
    try:
        percentage = float(text.removesuffix("%"))
    except ValueError:
        percentage = math.nan
    if not 0 < percentage <= HUNDRED:
        raise InvalidRollout(f"'{text}' is no step: a percentage above 0 and up to 100, such as 25")
    return percentage / HUNDRED
