"""Plans and their revisions, for people and for scripts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from penstock.cli import output
from penstock.cli.rollout.bars import percent
from penstock.cli.rollout.names import short_ids
from penstock.cli.rollout.rows import Row, cells
from penstock.rollout.gateway_store import runs_document
from penstock.rollout.plans import Plan
from penstock.rollout.status import ModelStatus

METRICS_SHOWN: Final = 4
"""More columns of metrics than these have to be asked for."""


def show_plan(name: str, plan: Plan, rows: Sequence[Row], metrics: Sequence[str]) -> None:
    """Show one revision of a plan, and its runs."""
    output.say(name)
    output.say(describe_revision(plan))
    if not rows:
        output.say("no run is live")
        return
    wanted = metrics or _common_metrics(rows)
    output.say()
    output.say_table(
        ("RUN", "NAME", "STATUS", "SHARE", "STARTED", *wanted),
        [
            (*told, when(row.seen.start_time), *(_number(row.metrics.get(key)) for key in wanted))
            for told, row in zip(cells(rows), rows, strict=True)
        ],
    )


def show_history(plans: Sequence[Plan]) -> None:
    """Show revisions, a line each."""
    ids = short_ids({run_id for plan in plans for run_id in plan.runs})
    has_notes = any(plan.note for plan in plans)
    output.say_table(
        ("REVISION", "WHEN", "WHO", "LIVE", *(("NOTE",) if has_notes else ())),
        [
            (
                str(plan.revision),
                when(plan.updated_at),
                plan.updated_by or "-",
                _live(plan, ids),
                *((plan.note or "",) if has_notes else ()),
            )
            for plan in plans
        ],
    )


def describe_revision(plan: Plan) -> str:
    """Return revision, time, author and note."""
    if not plan.revision:
        return "nothing was released yet"
    author = f" by {plan.updated_by}" if plan.updated_by else ""
    note = f": {plan.note}" if plan.note else ""
    return f"revision {plan.revision}, {when(plan.updated_at)}{author}{note}"


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as the JSON object of `/v1/rollout`."""
    return {
        "experiment_id": plan.experiment_id,
        "submodel_name": plan.submodel_name,
        "version": str(plan.version),
        "revision": plan.revision,
        "updated_at": plan.updated_at,
        "updated_by": plan.updated_by,
        "note": plan.note,
        "runs": runs_document(plan),
    }


def when(milliseconds: int | None) -> str:
    """Return a time, in UTC, as tables show it; as a number where no calendar has it."""
    if not milliseconds:
        return "-"
    try:
        return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):  # whoever makes a run may say any time
        return str(milliseconds)


def _live(plan: Plan, ids: Mapping[str, str]) -> str:
    active = sorted(plan.active.items(), key=lambda one: -one[1])
    told = [f"{ids[run_id]} {percent(fraction)}" for run_id, fraction in active]
    told += [f"{ids[run_id]} {ModelStatus.Canary.name}" for run_id in plan.canaries]
    return ", ".join(told) or "no run"


def _common_metrics(rows: Sequence[Row]) -> list[str]:
    """Return the metrics that most of the runs have."""
    counts: dict[str, int] = {}
    for row in rows:
        for key in row.metrics:
            counts[key] = counts.get(key, 0) + 1
    return sorted(sorted(counts, key=lambda key: (-counts[key], key))[:METRICS_SHOWN])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
