"""Shares of the traffic, and the fractions that they come to. Pure.

Fractions of a scope add up to 1 exactly, as `math.fsum` adds: a correctly rounded sum does not
depend on the order.
"""

import math
from collections.abc import Mapping

from penstock.errors import InvalidRollout

SMALLEST = 1e-9
"""The smallest fraction of a run; what is given less gets no request in a lifetime."""


def check_share(share: object, of: str) -> float:
    """Return a share as a number. Raises InvalidRollout unless it is finite and not negative."""
    if isinstance(share, bool) or not hasattr(type(share), "__float__"):
        raise InvalidRollout(f"the share of {of} must be a number, not {share!r}")
    try:
        number = float(share)  # type: ignore[arg-type] # it has __float__
    except OverflowError:  # a whole number beyond all floats
        number = math.inf
    if not math.isfinite(number) or number < 0:
        raise InvalidRollout(f"the share of {of} must be finite and not negative, not {share!r}")
    return number + 0.0  # -0.0 becomes 0.0


def normalise(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the fractions of these shares, each greater than 0, that add up to 1 exactly.

    Shares that add up to 1 stay as they are. Raises InvalidRollout where all are 0, or one is too
    small beside the others.
    """
    greatest = max(shares.values(), default=0.0)
    if greatest == 0:
        raise InvalidRollout("the shares add up to 0; give at least one run a share above 0")
    if greatest <= 1 and math.fsum(shares.values()) == 1:
        return _checked(dict(shares))
    # Divided by the greatest first, for the sum of huge shares is infinite.
    scaled = {run: share / greatest for run, share in shares.items()}
    total = math.fsum(scaled.values())
    return _checked(_exact({run: share / total for run, share in scaled.items()}))


def give(fractions: Mapping[str, float], run_id: str, fraction: float) -> dict[str, float]:
    """Return the fractions after one run got `fraction`; the others share the rest in proportion.

    Where there are no others, the run gets all.
    """
    if fractions.get(run_id) == fraction and math.fsum(fractions.values()) == 1:
        # To share the rest out anew would only round otherwise.
        return dict(fractions)
    others = {run: share for run, share in fractions.items() if run != run_id}
    if not others:
        return {run_id: 1.0}
    scaled = {run: share * (1 - fraction) for run, share in normalise(others).items()}
    return _checked(_exact(scaled | {run_id: fraction}, keep=run_id))


def check_smallest(fractions: Mapping[str, float]) -> None:
    """Raise InvalidRollout where a run would get a fraction that is as good as none."""
    for run, fraction in fractions.items():
        if fraction < SMALLEST:
            raise InvalidRollout(
                f"run '{run}' would get {fraction:g} of the traffic; the smallest fraction is "
                f"{SMALLEST:g}, and 0 disables a run"
            )


def _exact(fractions: dict[str, float], *, keep: str | None = None) -> dict[str, float]:
    """Move what rounding left over to the greatest but `keep`; of equal ones, the first by id."""
    greatest = min(fractions.keys() - {keep}, key=lambda run: (-fractions[run], run))
    # The sum of the rest, rounded, would lose a digit; what is left over is exact to its last one.
    while math.fsum(fractions.values()) != 1:
        left_over = math.fsum([1, *(-fraction for fraction in fractions.values())])
        fractions = fractions | {greatest: fractions[greatest] + left_over}
    return fractions


def _checked(fractions: dict[str, float]) -> dict[str, float]:
    check_smallest(fractions)
    return fractions
