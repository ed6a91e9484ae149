"""The history of a plan, rebuilt from the metrics of its runs, where no gateway keeps it.

Each metric's step is the revision of the plan that wrote it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from penstock.rollout.filters import joined, of_scope
from penstock.rollout.members import FRACTION_METRIC, STATE_METRIC, find_scope, is_saved
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.status import ModelStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from penstock.rest import MlflowClient
    from penstock.rest.entities import Metric

THREADS = 8
TOLERANCE = 1e-9


class State(NamedTuple):
    """What a revision made of a run; `timestamp` in milliseconds since 1970."""

    revision: int
    timestamp: int
    run_id: str
    status: ModelStatus
    fraction: float


def rebuild_history(client: MlflowClient, plan: Plan) -> list[Plan]:
    """Return the revisions of a plan's scope, the newest first; `plan` is the present one.

    Who made a change is not in the metrics, so `updated_by` is None but for the present plan.
    Two requests for each run that ever was in the plan. A revision whose mirrors were never
    written, or whose runs are deleted, is left out.
    """
    rebuilt = [one for one in _fold(plan, _read_states(client, plan)) if one.revision]
    older = [one for one in rebuilt if one.revision < plan.revision]
    present = [plan] if plan.revision else []
    return [*present, *reversed(older)]


def _read_states(client: MlflowClient, plan: Plan) -> list[State]:
    condition = joined(of_scope(plan.scope))
    run_ids = [
        run.info.run_id
        for run in client.iter_runs([plan.experiment_id], condition)
        if is_saved(run) and find_scope(run) == plan.scope
    ]
    with ThreadPoolExecutor(THREADS) as threads:
        found = threads.map(lambda run_id: list(_states_of(client, run_id)), run_ids)
        return sorted(state for states in found for state in states)


def _states_of(client: MlflowClient, run_id: str) -> Iterator[State]:
    fractions = {metric.step: metric.value for metric in _latest(client, run_id, FRACTION_METRIC)}
    for metric in _latest(client, run_id, STATE_METRIC):
        if metric.value in {status.value for status in ModelStatus}:
            status = ModelStatus(metric.value)
            fraction = fractions.get(metric.step, 0.0)
            yield State(metric.step, metric.timestamp, run_id, status, fraction)


def _latest(client: MlflowClient, run_id: str, key: str) -> Iterable[Metric]:
    """Return the last value of each step."""
    values = sorted(
        client.get_metric_history(run_id, key), key=lambda one: (one.step, one.timestamp)
    )
    return {value.step: value for value in values}.values()


def _fold(plan: Plan, states: list[State]) -> Iterator[Plan]:
    """Yield the plan after each revision, in order."""
    live: dict[str, LiveRun] = {}
    for number, state in enumerate(states):
        live.pop(state.run_id, None)
        if state.status.is_live:
            live[state.run_id] = LiveRun(state.status, state.fraction)
        is_last = number + 1 == len(states) or states[number + 1].revision != state.revision
        if is_last and _adds_up(live):
            yield Plan(plan.scope, state.revision, dict(live), state.timestamp)


def _adds_up(live: dict[str, LiveRun]) -> bool:
    """Tell whether all runs of the revision are still there to tell of it."""
    fractions = [run.fraction for run in live.values() if run.status is ModelStatus.Active]
    return not fractions or abs(sum(fractions) - 1) < TOLERANCE
