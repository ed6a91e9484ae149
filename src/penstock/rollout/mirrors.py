"""What a plan writes beside itself, for readers of old habits and of MLflow's pages.

The plan is the truth; its mirrors may be behind it after a crash, and each change repairs them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from penstock.errors import MlflowException, TransportError
from penstock.rest.entities import Metric, RunTag
from penstock.rollout.members import (
    FRACTION_METRIC,
    REVISION_TAG,
    STATE_METRIC,
    Member,
    own_status,
    read_affected,
)
from penstock.rollout.registry import keep_registry_in_step
from penstock.rollout.status import ModelStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run
    from penstock.rollout.plans import Plan

STATUS_TAG = "penstock.status"
FRACTION_TAG = "penstock.fraction"

THREADS = 8
ATTEMPTS = 5
CLASHED = frozenset({"BAD_REQUEST", "INTERNAL_ERROR"})
"""What MLflow answers where two writers insert the same metric at the same moment."""


def keep_in_step(
    client: MlflowClient,
    plan: Plan,
    affected: Mapping[str, Member] | None = None,
    *,
    touched: Collection[str] = (),
) -> list[str]:
    """Write the mirrors of a plan where they are behind; return the ids of the runs concerned.

    `affected` are the runs as they were read before the change, or read anew. `touched` are those
    of them whose registered versions may be behind though they themselves are not. Safe to repeat.
    """
    members = read_affected(client, plan, ()) if affected is None else affected
    behind = find_behind(plan, members)
    concerned = [*behind, *(members[run_id] for run_id in touched if run_id in members)]
    statuses = {one.run.info.run_id: _status(plan, one.run) for one in concerned}
    # What is not there was deleted; its registered versions may be there still.
    statuses |= {run: off for run, off in plan.not_live.items() if run not in members}
    # The runs come last: one that is behind is how the next call knows what is left to do.
    keep_registry_in_step(client, plan, statuses)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda one: write_mirror(client, plan, one.run), behind))
    return [one.run.info.run_id for one in behind]


def find_behind(plan: Plan, members: Mapping[str, Member]) -> list[Member]:
    """Return the runs that say something else than the plan; a plan nobody wrote has none."""
    return [one for one in members.values() if is_behind(plan, one)] if plan.revision else []


def is_behind(plan: Plan, member: Member) -> bool:
    """Tell whether a run's metrics or tags say something else than the plan."""
    data, run_id = member.run.data, member.run.info.run_id
    status, fraction = plan.status_of(run_id, member.status), plan.fraction_of(run_id)
    metrics = (data.metrics.get(STATE_METRIC), data.metrics.get(FRACTION_METRIC))
    tags = (data.tags.get(STATUS_TAG), data.tags.get(FRACTION_TAG))
    return metrics != (status.value, fraction) or tags != (status.name, str(fraction))


def write_mirror(client: MlflowClient, plan: Plan, run: Run) -> None:
    """Write what the plan says of one run into its metrics and tags, in one call.

    A run that was deleted meanwhile is left alone.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return write_state(
                client,
                run.info.run_id,
                _status(plan, run),
                fraction=plan.fraction_of(run.info.run_id),
                revision=plan.revision,
                timestamp=plan.updated_at or 0,
            )
        except TransportError:
            raise
        except MlflowException as error:
            if client.get_run(run.info.run_id).info.lifecycle_stage != "active":
                return None
            if error.error_code not in CLASHED or attempt == ATTEMPTS:
                raise
    raise AssertionError  # the last attempt returns or raises


def write_state(  # noqa: PLR0913 - what a mirror holds
    client: MlflowClient,
    run_id: str,
    status: ModelStatus,
    *,
    fraction: float,
    revision: int,
    timestamp: int,
) -> None:
    """Write a state into a run's metrics and tags. `timestamp` in milliseconds since 1970.

    The latest metric is the one of the highest step, so that no late writer can bring back an
    earlier state.
    """
    metrics = [
        Metric(STATE_METRIC, float(status.value), timestamp, revision),
        Metric(FRACTION_METRIC, fraction, timestamp, revision),
    ]
    tags = [
        RunTag(STATUS_TAG, status.name),
        RunTag(FRACTION_TAG, str(fraction)),
        RunTag(REVISION_TAG, str(revision)),
    ]
    client.log_batch(run_id, metrics, (), tags, synchronous=True)


def _status(plan: Plan, run: Run) -> ModelStatus:
    return plan.status_of(run.info.run_id, own_status(run))
