"""What changes, for people and for scripts."""

from collections.abc import Mapping
from typing import Any

from penstock.cli import output
from penstock.cli.rollout.bars import bar, percent
from penstock.cli.rollout.names import short_ids
from penstock.cli.rollout.plan_view import plan_as_json
from penstock.cli.rollout.transition import State, Transition
from penstock.rollout.status import ModelStatus


def show_transition(name: str, transition: Transition, names: Mapping[str, str]) -> None:
    """Show each run that changes, with its status and share before and after."""
    before, after = transition.before.revision, transition.after.revision
    steps = transition.steps()
    if not steps:
        output.say(f"{name}: nothing changes, it is like that already (revision {before})")
        return
    output.say(f"{name}: from revision {before} to {after}")
    ids = short_ids([step.run_id for step in steps])
    rows = [
        (
            ids[step.run_id],
            names.get(step.run_id) or "-",
            _state(step.before),
            _state(step.after),
            bar(step.after.fraction) if step.after.fraction else "",
        )
        for step in steps
    ]
    output.say_table(("RUN", "NAME", "BEFORE", "AFTER", "SHARE"), rows)


def transition_as_json(transition: Transition, *, is_dry_run: bool) -> dict[str, Any]:
    """Return both plans, and the runs that differ, as a JSON object."""
    return {
        "dry_run": is_dry_run,
        "changed": transition.is_change,
        "before": plan_as_json(transition.before),
        "after": plan_as_json(transition.after),
        "differences": differences_as_json(transition),
    }


def differences_as_json(transition: Transition) -> list[dict[str, Any]]:
    """Return the runs that differ as JSON objects; a status that is not known is null."""
    return [
        {
            "run_id": step.run_id,
            "before": _state_as_json(step.before),
            "after": _state_as_json(step.after),
        }
        for step in transition.steps()
    ]


def _state(state: State) -> str:
    if state.status is None:
        return "not live"
    number = f" {percent(state.fraction)}" if state.status is ModelStatus.Active else ""
    return f"{state.status.name}{number}"


def _state_as_json(state: State) -> dict[str, Any]:
    status = None if state.status is None else state.status.name
    return {"status": status, "fraction": state.fraction}
