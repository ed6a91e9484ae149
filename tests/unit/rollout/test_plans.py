"""Plans as values, and their revisions."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from penstock.errors import InvalidRollout
from penstock.rollout.plans import LiveRun, Plan, next_plan
from penstock.rollout.revisions import Difference, diff, find_live_at, get_revision
from penstock.rollout.status import ModelStatus, as_status
from unit.rollout.scopes import ACTIVE, CANARY, DISABLED, NEW, SCOPE, A, B, C, D, planned

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "runs",
    [
        {A: LiveRun(ACTIVE, 0.5)},
        {A: LiveRun(ACTIVE, 0.0)},
        {A: LiveRun(ACTIVE, math.nan)},
        {A: LiveRun(ACTIVE, 1.5), B: LiveRun(ACTIVE, -0.5)},
        {A: LiveRun(CANARY, 1.0)},
        {A: LiveRun(CANARY, 0.5), B: LiveRun(ACTIVE, 0.5)},
        {A: LiveRun(DISABLED)},
        {A: LiveRun(NEW)},
    ],
)
def test_a_plan_that_breaks_the_rule_cannot_be_made(runs):
    """Whoever makes it."""
    with pytest.raises(InvalidRollout):
        Plan(SCOPE, 1, runs)


def test_a_plan_does_not_change():
    """Nor does what it was made of change it."""
    runs = {A: LiveRun(ACTIVE, 1.0)}
    plan = Plan(SCOPE, 1, runs)
    runs[B] = LiveRun(CANARY)
    assert [A] == list(plan.runs)
    with pytest.raises(TypeError):
        plan.runs[B] = LiveRun(CANARY)  # type: ignore[index] # that is the test


def test_the_plan_overrules_what_a_run_says():
    """A run that calls itself live and is not in the plan is Disabled."""
    plan = planned(B, a=1.0)
    assert [ACTIVE, CANARY] == [plan.status_of(run_id, NEW) for run_id in (A, B)]
    expected = {NEW: NEW, DISABLED: DISABLED, ACTIVE: DISABLED, CANARY: DISABLED}
    assert expected == {status: plan.status_of(C, status) for status in ModelStatus}
    off = next_plan(plan, {}, {A: NEW})
    assert (NEW, DISABLED) == (off.status_of(A, ACTIVE), off.status_of(B, CANARY))
    assert (1.0, 0.0, 0.0) == tuple(plan.fraction_of(run_id) for run_id in (A, B, C))


def test_a_run_is_not_live_and_off_at_once():
    """Nor turned off to a live status."""
    for off in ({A: DISABLED}, {B: CANARY}):
        with pytest.raises(InvalidRollout, match="cannot be off as well"):
            Plan(SCOPE, 1, {A: LiveRun(ACTIVE, 1.0)}, not_live=off)


def test_two_plans_are_compared_run_by_run():
    """What stays is not told."""
    before, after = planned(C, a=0.5, b=0.5), planned(D, a=0.25, b=0.5, c=0.25)
    half, quarter = LiveRun(ACTIVE, 0.5), LiveRun(ACTIVE, 0.25)
    assert [
        Difference(A, half, quarter),
        Difference(C, LiveRun(CANARY), quarter),
        Difference(D, None, LiveRun(CANARY)),
    ] == diff(before, after)
    assert [] == diff(after, after)


def dated(revision: int, at: int | None) -> Plan:
    return Plan(SCOPE, revision, {A: LiveRun(ACTIVE, 1.0)}, at)


def test_a_revision_is_found_by_its_number():
    """The error names those there are."""
    plans = [dated(7, 70), dated(5, 50), dated(3, 30)]
    assert plans[1] == get_revision(plans, 5)
    with pytest.raises(InvalidRollout, match="no revision 6; known revisions: 3 to 7"):
        get_revision(plans, 6)
    with pytest.raises(InvalidRollout, match="known revisions: none yet"):
        get_revision([], 1)


def test_what_was_live_at_a_time_is_found():
    """The latest revision by then, also where two came within one millisecond."""
    plans = [dated(1, 10), dated(2, 20), dated(3, 20), dated(4, None)]
    found = {at: find_live_at(plans, at) for at in (9, 10, 19, 20, 10**13)}
    revisions = {at: plan.revision if plan else None for at, plan in found.items()}
    assert {9: None, 10: 1, 19: 1, 20: 3, 10**13: 3} == revisions


def test_a_time_has_a_zone():
    """Else nobody knows when it was."""
    plans = [dated(1, int(MOMENT.timestamp() * 1000))]
    east = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert plans[0] == find_live_at(plans, east)
    assert find_live_at(plans, MOMENT - timedelta(milliseconds=1)) is None
    with pytest.raises(InvalidRollout, match="has no time zone"):
        find_live_at(plans, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the test


def test_the_statuses_have_their_numbers():
    """As the metrics of old habits do; every member is true."""
    expected = {"Disabled": 0, "New": 1, "Active": 2, "Canary": 3}
    assert expected == {status.name: status.value for status in ModelStatus}
    assert all(ModelStatus)
    assert [ACTIVE, CANARY] == [status for status in ModelStatus if status.is_live]


@pytest.mark.parametrize("status", ModelStatus)
def test_a_status_is_taken_by_name_and_number(status):
    """In any case."""
    for given in (status, status.name, status.name.lower(), status.name.upper(), status.value):
        assert status is as_status(given, "status")


@pytest.mark.parametrize(
    "value", ["", "live", " active", 4, -1, 2.0, True, False, None, [], b"New"]
)
def test_what_is_no_status_is_refused(value):
    """The error names the argument, the value and the statuses."""
    with pytest.raises(InvalidRollout, match="new_active_state must be one of Disabled, New"):
        as_status(value, "new_active_state")
