"""Writers that met on a stock server: the one who ends last leaves all in step with the plan.

The latest metric is the one of the highest step, so a plan that another writer has mirrored
at the same step, or at a later one, is written again with a revision above these.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.errors import PlanConflict
from penstock.rollout.members import STATE_METRIC, read_affected, read_revised
from penstock.rollout.mirrors import find_behind, keep_in_step
from penstock.rollout.plan_tags import PlanTags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from penstock.rest import MlflowClient
    from penstock.rollout.members import Member
    from penstock.rollout.plans import Plan

ROUNDS = 20
HIGHEST_STEP = 2**52
"""A metric of a later step was written by hand, and stays what it is."""


def is_overtaken(client: MlflowClient, written: Plan) -> bool:
    """Tell whether another plan stands there, or runs were mirrored from one of this revision."""
    if PlanTags(client).read(written.scope) != written:
        return True
    return bool(find_behind(written, read_revised(client, written)))


def settle(client: MlflowClient, plan: Plan, touched: Collection[str]) -> Plan:
    """Bring all in step with the plan that stands, and return it.

    `touched` are the runs that the caller has mirrored, perhaps later than others did. Raises
    PlanConflict if others write all the time.
    """
    tags, standing = PlanTags(client), plan
    for _ in range(ROUNDS):
        standing = tags.read(plan.scope)
        members = read_affected(client, standing, touched)
        keep_in_step(client, standing, members, touched=touched)
        behind = find_behind(standing, read_affected(client, standing, touched))
        latest = _latest_step(client, behind)
        if standing != tags.read(plan.scope):
            continue
        if latest is None:
            return standing
        # Above what others have written; the same runs are live.
        now, revision = time.time_ns() // 1_000_000, max(latest, standing.revision) + 1
        tags.write(replace(standing, revision=revision, updated_at=now))
    raise PlanConflict(f"others change {plan.scope} all the time; look at it, and try again")


def _latest_step(client: MlflowClient, behind: Iterable[Member]) -> int | None:
    """Return the latest step of these runs' metrics, or None where there is none to go beyond."""
    steps = [
        metric.step
        for member in behind
        for metric in client.get_metric_history(member.run.info.run_id, STATE_METRIC)
        if metric.step < HIGHEST_STEP
    ]
    return max(steps, default=None)
