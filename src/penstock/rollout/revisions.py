"""Earlier revisions of a plan. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from penstock.errors import InvalidRollout
from penstock.rollout.plans import LiveRun, Plan


@dataclass(frozen=True, slots=True)
class Difference:
    """What one run was before and is after; None where it is not live."""

    run_id: str
    before: LiveRun | None
    after: LiveRun | None


def diff(before: Plan, after: Plan) -> list[Difference]:
    """Return the runs that two plans say different things of, by id."""
    return [
        Difference(run_id, before.runs.get(run_id), after.runs.get(run_id))
        for run_id in sorted({*before.runs, *after.runs})
        if before.runs.get(run_id) != after.runs.get(run_id)
    ]


def get_revision(plans: Iterable[Plan], revision: int) -> Plan:
    """Return the plan of a revision. Raises InvalidRollout that names those there are."""
    known = {plan.revision: plan for plan in plans}
    if revision not in known:
        numbers = f"{min(known)} to {max(known)}" if known else "none yet"
        raise InvalidRollout(f"there is no revision {revision!r}; known revisions: {numbers}")
    return known[revision]


def find_live_at(plans: Iterable[Plan], at: datetime | int) -> Plan | None:
    """Return the plan that was live at a time, or None before the first.

    `at` is a time with its zone, or milliseconds since 1970. Raises InvalidRollout for a time
    without a zone.
    """
    moment = as_milliseconds(at)
    held = [plan for plan in plans if plan.updated_at is not None and plan.updated_at <= moment]
    return max(held, key=lambda plan: plan.revision, default=None)


def check_revision(revision: object) -> int:
    """Return the number of a revision, 0 too. Raises InvalidRollout for what is none."""
    if type(revision) is not int or revision < 0:
        raise InvalidRollout(f"a revision is a whole number, 0 or more, not {revision!r}")
    return revision


def as_milliseconds(at: datetime | int) -> int:
    """Return a time in milliseconds since 1970. Raises InvalidRollout for one without a zone."""
    if type(at) is int:
        return at
    if not isinstance(at, datetime):
        raise InvalidRollout(
            f"a time is a datetime with its zone, or milliseconds since 1970, not {at!r}"
        )
    if at.tzinfo is None:
        raise InvalidRollout(f"{at.isoformat()} has no time zone; say datetime(…, tzinfo=UTC)")
    return int(at.timestamp() * 1000)
