"""Changes of a plan: each a function from a plan to the next one. Pure.

`statuses` holds the status of each run that a change names and that is a run of the scope; any
other run is refused. A change that changes nothing returns the plan itself.
Each raises InvalidRollout, naming the run or the value and the rule.
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from penstock.errors import InvalidRollout
from penstock.rollout.fractions import check_share, check_smallest, give, normalise
from penstock.rollout.plans import MOST_NOTE, LiveRun, Plan, next_plan
from penstock.rollout.status import ModelStatus

SHOWN = 10
"""How many ids an error names."""

Statuses = Mapping[str, ModelStatus]

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters, as what a shell passes on that is no UTF-8."""


def update_active_runs(plan: Plan, shares: Mapping[str, float], statuses: Statuses) -> Plan:
    """Make the given runs the Active ones, with their shares; a share of 0 disables a run.

    All other live runs become Disabled.
    """
    chosen = _check_shares(plan, shares, statuses)
    return _follow(plan, _activate({}, chosen), _turned_off(chosen, statuses))


def change_test_fractions(
    plan: Plan,
    shares: Mapping[str, float],
    statuses: Statuses,
    *,
    active_state: ModelStatus | None = None,
) -> Plan:
    """Give Active runs new shares; the others of that status, or all live ones, become Disabled."""
    chosen = _check_shares(plan, shares, statuses)
    for run_id, share in chosen.items():
        status = statuses[run_id]
        if active_state not in {None, status}:
            raise InvalidRollout(f"run '{run_id}' is {status.name}, not {active_state.name}")
        if status is not ModelStatus.Active and share > 0:
            raise InvalidRollout(
                f"run '{run_id}' is {status.name}, and only Active runs have a fraction; "
                "make it Active by update_active_runs or change_status"
            )
    kept = {} if active_state is None else _without(plan, {active_state})
    return _follow(plan, _activate(kept, chosen), _turned_off(chosen, statuses))


def change_status(
    plan: Plan,
    run_id: str,
    statuses: Statuses,
    *,
    status: ModelStatus | None = None,
    fraction: float | None = None,
) -> Plan:
    """Change one run; what is None stays as it is. The other Active runs share what is left."""
    current = _status(plan, run_id, statuses)
    target = current if status is None else status
    if fraction is not None:
        fraction = _check_fraction(run_id, fraction)
        if status is None and target is ModelStatus.Active and fraction == 0:
            target = ModelStatus.Disabled
    if target is ModelStatus.Active:
        return _make_active(plan, run_id, _new_fraction(plan, run_id, fraction))
    if fraction:
        raise InvalidRollout(
            f"run '{run_id}' is to be {target.name}, and only Active runs have a fraction; "
            f"leave {fraction!r} out, or make it Active"
        )
    return _make_inactive(plan, run_id, target, was=current)


def enable_run(plan: Plan, run_id: str, statuses: Statuses) -> Plan:
    """Make a run the one that is Active, with 1.0; the other Active ones become Disabled."""
    _status(plan, run_id, statuses)
    return _make_active(plan, run_id, 1.0)


def disable_run(plan: Plan, run_id: str, statuses: Statuses) -> Plan:
    """Take a run out of use; the remaining Active ones share its fraction."""
    return change_status(plan, run_id, statuses, status=ModelStatus.Disabled)


def take_out(plan: Plan, run_id: str, statuses: Statuses) -> Plan:
    """Disable a run, also one that was deleted: a plan without deleted runs has lost it already."""
    return disable_run(plan, run_id, statuses) if run_id in statuses else plan


def canary_run(plan: Plan, run_id: str, statuses: Statuses) -> Plan:
    """Let a run see requests without answering; the remaining Active ones share its fraction."""
    return change_status(plan, run_id, statuses, status=ModelStatus.Canary)


def reset_run(plan: Plan, run_id: str, statuses: Statuses) -> Plan:
    """Make a run New again; the remaining Active ones share its fraction."""
    return change_status(plan, run_id, statuses, status=ModelStatus.New)


def without_gone(plan: Plan, known: Container[str]) -> Plan:
    """Return what is left of a plan whose runs were deleted, in part: the rest share their part.

    It is the plan itself where all of its runs are known, and no new revision where not.
    """
    if all(run_id in known for run_id in plan.runs):
        return plan
    left = {run_id: run for run_id, run in plan.runs.items() if run_id in known}
    shares = {run_id: share for run_id, share in plan.active.items() if run_id in known}
    return replace(plan, runs=_activate(left, shares))


def turn_off(plan: Plan, gone: Iterable[str]) -> Plan:
    """Say of runs that were deleted that they are Disabled, for what they have left elsewhere."""
    return replace(plan, not_live={**plan.not_live, **dict.fromkeys(gone, ModelStatus.Disabled)})


def restore(plan: Plan, earlier: Plan, statuses: Statuses) -> Plan:
    """Make the runs of an earlier revision live again, as they were; others become Disabled."""
    _check_known(plan, earlier.runs, statuses)
    return _follow(plan, dict(earlier.runs), {})


def noted(plan: Plan, present: Plan, note: str | None) -> Plan:
    """Say in a line why a plan follows the present one; what changes nothing needs no reason.

    What no server takes, such as control characters, is replaced.
    """
    line = _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", " ".join((note or "").split()))
    if plan is present or not line:
        return plan
    return replace(plan, note=line[:MOST_NOTE])


def replace_runs(
    plan: Plan, runs: Mapping[str, tuple[ModelStatus, float]], statuses: Statuses
) -> Plan:
    """Make exactly the given runs what is said of them; live ones not given become Disabled.

    A plan that says the fractions itself: they must add up to 1. A run that the plan speaks of,
    and that was deleted, may be said to be Disabled.
    """
    before = {run: one.status for run, one in plan.runs.items()} | {**plan.not_live, **statuses}
    off = {run for run, (status, _) in runs.items() if status is ModelStatus.Disabled}
    _check_known(plan, runs.keys() - (off & before.keys()), statuses)
    live = {run: LiveRun(status, part) for run, (status, part) in runs.items() if status.is_live}
    # A fraction of 0 is told by the plan itself, with its rule.
    check_smallest({run: one.fraction for run, one in live.items() if one.fraction > 0})
    wrong = [run for run, (status, part) in runs.items() if part and not status.is_live]
    if wrong:
        raise InvalidRollout(f"only Active runs have a fraction, not {_listed(wrong)}")
    turned = {
        run: status
        for run, (status, _) in runs.items()
        if not status.is_live and before[run] is not status
    }
    return _follow(plan, live, turned)


def _follow(plan: Plan, runs: Mapping[str, LiveRun], off: Statuses) -> Plan:
    followed = next_plan(plan, runs, off)
    return plan if not off and dict(plan.runs) == dict(followed.runs) else followed


def _make_active(plan: Plan, run_id: str, fraction: float) -> Plan:
    fractions = {run_id: 1.0} if fraction == 1 else give(plan.active, run_id, fraction)
    return _follow(plan, _activate(_without(plan, {ModelStatus.Active}, run_id), fractions), {})


def _make_inactive(plan: Plan, run_id: str, status: ModelStatus, *, was: ModelStatus) -> Plan:
    if status is was:
        return plan
    rest = {run: fraction for run, fraction in plan.active.items() if run != run_id}
    runs = _activate(_without(plan, {ModelStatus.Active}, run_id), normalise(rest) if rest else {})
    if status is ModelStatus.Canary:
        return _follow(plan, runs | {run_id: LiveRun(status)}, {})
    return _follow(plan, runs, {run_id: status})


def _new_fraction(plan: Plan, run_id: str, fraction: float | None) -> float:
    if fraction == 0:
        raise InvalidRollout(
            f"run '{run_id}' is to be Active: its fraction must be in (0, 1], not 0"
        )
    if fraction is not None:
        return fraction
    if run_id in plan.active:
        return plan.active[run_id]
    if plan.active:
        raise InvalidRollout(
            f"run '{run_id}' is to be Active beside {_listed(plan.active)}: say its fraction, "
            "or use enable_run to give it all"
        )
    return 1.0


def _activate(kept: Mapping[str, LiveRun], shares: Mapping[str, float]) -> dict[str, LiveRun]:
    """Add the runs of these shares to what is kept; those of 0 are left out."""
    positive = {run_id: share for run_id, share in shares.items() if share > 0}
    fractions = normalise(positive) if positive else {}
    others = {run_id: run for run_id, run in kept.items() if run_id not in shares}
    active = {run: LiveRun(ModelStatus.Active, part) for run, part in fractions.items()}
    return others | active


def _without(plan: Plan, statuses: set[ModelStatus], *run_ids: str) -> dict[str, LiveRun]:
    return {
        run_id: run
        for run_id, run in plan.runs.items()
        if run.status not in statuses and run_id not in run_ids
    }


def _turned_off(shares: Mapping[str, float], statuses: Statuses) -> dict[str, ModelStatus]:
    """Return the runs of share 0 that no earlier plan can tell to be Disabled."""
    return {
        run_id: ModelStatus.Disabled
        for run_id, share in shares.items()
        if share == 0 and not statuses[run_id].is_live
    }


def _check_shares(plan: Plan, shares: Mapping[str, float], statuses: Statuses) -> dict[str, float]:
    if not shares:
        raise InvalidRollout(f"give at least one run its share, {{run id: share}}, not {shares!r}")
    chosen = {run_id: check_share(share, f"run '{run_id}'") for run_id, share in shares.items()}
    _check_known(plan, chosen, statuses)
    off = [run_id for run_id in chosen if statuses[run_id] is ModelStatus.Disabled]
    if off:
        raise InvalidRollout(
            f"{_listed(off)} of {plan.scope}: Disabled, and so cannot get a share; "
            "bring a run back by change_status or enable_run first"
        )
    if not any(chosen.values()):
        raise InvalidRollout("the shares add up to 0; give at least one run a share above 0")
    return chosen


def _check_fraction(run_id: str, fraction: object) -> float:
    number = check_share(fraction, f"run '{run_id}'")
    if number > 1:
        raise InvalidRollout(f"the fraction of run '{run_id}' must be in [0, 1], not {fraction!r}")
    return number


def _check_known(plan: Plan, run_ids: Iterable[str], statuses: Statuses) -> None:
    unknown = [run_id for run_id in run_ids if run_id not in statuses]
    if unknown:
        raise InvalidRollout(f"{_listed(unknown)}: no run of {plan.scope}")


def _status(plan: Plan, run_id: str, statuses: Statuses) -> ModelStatus:
    _check_known(plan, [run_id], statuses)
    return statuses[run_id]


def _listed(run_ids: Iterable[str]) -> str:
    """Return the ids in quotes, the first of them."""
    listed = sorted(map(repr, run_ids))
    rest = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return f"run {', '.join(listed[:SHOWN])}{rest}"
