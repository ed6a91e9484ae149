"""What a ramp tells of itself. Pure."""

from typing import NamedTuple

from penstock.rollout.plans import Plan
from penstock.rollout.ramps.guards import Judgement


class StepMade(NamedTuple):
    """A step is live; `number` counts from 1."""

    number: int
    fraction: float
    plan: Plan


class Watched(NamedTuple):
    """A look at a step: the seconds that are left of it, its requests, what its guards say."""

    number: int
    fraction: float
    seconds_left: float
    requests: int
    judgements: tuple[Judgement, ...]


class Unasked(NamedTuple):
    """Nothing is known of the run at the moment; the ramp stays where it is."""

    why: str


class Finished(NamedTuple):
    """The last step has held."""

    plan: Plan


class WentBack(NamedTuple):
    """A guard broke; the former fractions are live again, of revision `former`."""

    why: str
    former: int
    plan: Plan


Event = StepMade | Watched | Unasked | Finished | WentBack
