"""What a ramp is asked to do. Pure."""

from dataclasses import dataclass

from penstock.rollout.ramps.guards import Guard
from penstock.rollout.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RampOrder:
    """A run, the fractions that it gets one after another, and what must hold meanwhile.

    Each step takes at least `every` seconds, and with guards until the run has answered
    `requests`.
    """

    scope: Scope
    run_id: str
    steps: tuple[float, ...]
    every: float
    guards: tuple[Guard, ...] = ()
    requests: int = 0
