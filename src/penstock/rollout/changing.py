"""Carry a change through: read the plan, decide, write; the loser of a race tries again."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from penstock.errors import InvalidRollout, PlanConflict
from penstock.rollout.changes import turn_off, without_gone
from penstock.rollout.members import read_affected
from penstock.rollout.plans import next_plan
from penstock.rollout.store import find_store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from penstock.rest import MlflowClient
    from penstock.rollout.changes import Statuses
    from penstock.rollout.members import Member
    from penstock.rollout.plans import Plan
    from penstock.rollout.scope import Scope
    from penstock.rollout.status import ModelStatus
    from penstock.rollout.store import PlanStore

    Change = Callable[[Plan, Statuses], Plan]

ATTEMPTS = 30
LONGEST_PAUSE = 4.0

_Came = TypeVar("_Came")


def carry_through(
    client: MlflowClient,
    scope: Scope,
    named: Collection[str],
    change: Change,
    *,
    restored: int | None = None,
) -> Plan:
    """Apply a change to the plan of a scope, and return the new one.

    `named` are the ids of the runs that the change speaks of, `restored` is the revision that it
    goes back to. A change that changes nothing writes nothing. Raises PlanConflict when others
    were faster thirty times in a row.
    """
    store = find_store(client)
    return _insist(
        lambda: _try(client, store, scope, named=named, change=change, restored=restored)
    )


def preview(
    client: MlflowClient, scope: Scope, named: Collection[str], change: Change
) -> tuple[Plan, Plan]:
    """Return the present plan, and what a change would make of it; nothing is written.

    Raises PlanConflict like `carry_through`.
    """
    store = find_store(client)
    seen = _insist(lambda: _look_ahead(client, store, scope, named=named, change=change))
    return seen.present, seen.followed


class _Seen(NamedTuple):
    """A plan, the runs that a change of it may touch, and what the change makes of it."""

    present: Plan
    affected: dict[str, Member]
    followed: Plan


def _insist(attempt_once: Callable[[], _Came]) -> _Came:
    """Try until nobody else is faster, thirty times at most."""
    for attempt in range(1, ATTEMPTS + 1):
        began = time.monotonic()
        try:
            return attempt_once()
        except PlanConflict:
            if attempt == ATTEMPTS:
                raise
        # Writers that collide once would collide again if they waited equally long, or for less
        # than what a busy server takes for the change of another.
        longest = min((time.monotonic() - began) * 2**attempt, LONGEST_PAUSE)
        time.sleep(random.uniform(0, longest))  # noqa: S311
    raise AssertionError  # the last attempt returns or raises


def _try(  # noqa: PLR0913 - the arguments of carry_through
    client: MlflowClient,
    store: PlanStore,
    scope: Scope,
    *,
    named: Collection[str],
    change: Change,
    restored: int | None,
) -> Plan:
    present, affected, followed = _look_ahead(client, store, scope, named=named, change=change)
    if store.prepare(present, affected):
        affected = read_affected(client, present, named)
    if followed is present:
        store.confirm(present, affected)
        return present
    return store.write(followed, affected, restored=restored)


def _look_ahead(
    client: MlflowClient,
    store: PlanStore,
    scope: Scope,
    *,
    named: Collection[str],
    change: Change,
) -> _Seen:
    """Read, and decide. Raises PlanConflict where a change came between two reads."""
    present = store.read(scope)
    affected = read_affected(client, present, named)
    try:
        return _Seen(present, affected, _follow(present, affected, change))
    except InvalidRollout as refused:
        if store.read(scope).revision == present.revision:
            raise
        # What the runs say may be of a later plan than the one that was read before.
        raise PlanConflict(f"somebody else changed the plan of {scope} meanwhile") from refused


def _follow(present: Plan, affected: dict[str, Member], change: Change) -> Plan:
    """Return the plan after a change, without runs that were deleted meanwhile."""
    left = without_gone(present, affected)
    followed = change(left, _statuses(left, affected))
    if left is present:
        return followed
    if followed is left:
        followed = next_plan(present, left.runs, left.not_live)
    return turn_off(followed, present.runs.keys() - affected.keys())


def _statuses(plan: Plan, affected: dict[str, Member]) -> dict[str, ModelStatus]:
    return {run_id: plan.status_of(run_id, member.status) for run_id, member in affected.items()}
