"""The runs of a scope, and what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from penstock.errors import InvalidRollout, MlflowException
from penstock.rollout.filters import (
    LIVE_BY_ITS_METRIC,
    MAJOR,
    MICRO,
    MINOR,
    SUBMODEL,
    among,
    equals,
    joined,
    of_scope,
)
from penstock.rollout.run_ids import is_run_id
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run
    from penstock.rollout.plans import Plan

STATE_METRIC = "active_state"
FRACTION_METRIC = "test_fraction"
REVISION_TAG = "penstock.revision"
IDS_PER_SEARCH = 200

_SCOPELESS = "it was not saved by save_model, and has no version"


class Member(NamedTuple):
    """A run of a scope; `status` is what its own metric says, which the plan overrules."""

    run: Run
    status: ModelStatus


def read_members(client: MlflowClient, scope: Scope, run_ids: Iterable[str]) -> dict[str, Member]:
    """Return those of the runs that exist and belong to the scope, by id."""
    found: dict[str, Member] = {}
    ids = sorted({run_id for run_id in run_ids if is_run_id(run_id)})
    for first in range(0, len(ids), IDS_PER_SEARCH):
        some = ids[first : first + IDS_PER_SEARCH]
        condition = joined([*of_scope(scope), among("attributes.run_id", some)])
        found |= _members(client, scope, condition)
    return found


def read_affected(client: MlflowClient, plan: Plan, named: Iterable[str]) -> dict[str, Member]:
    """Return the runs that a change of a plan may touch, by id.

    These are the named ones, those of the plan, and those that call themselves live.
    """
    scope = plan.scope
    condition = joined([*of_scope(scope), LIVE_BY_ITS_METRIC])
    found = _members(client, scope, condition)
    others = {*named, *plan.runs, *plan.not_live} - found.keys()
    return found | read_members(client, scope, others)


def read_revised(client: MlflowClient, plan: Plan) -> dict[str, Member]:
    """Return the runs whose mirrors were last written by this revision of the plan, by id."""
    revised = equals("tags", REVISION_TAG, str(plan.revision))
    return _members(client, plan.scope, joined([*of_scope(plan.scope), revised]))


def _members(client: MlflowClient, scope: Scope, condition: str) -> dict[str, Member]:
    return {
        run.info.run_id: Member(run, own_status(run))
        for run in client.iter_runs([scope.experiment_id], condition)
        if is_saved(run) and find_scope(run) == scope
    }


def is_saved(run: Run) -> bool:
    """Tell whether the run's save went through to its end, where its first state is written."""
    return STATE_METRIC in run.data.metrics


def own_status(run: Run) -> ModelStatus:
    """Return the status that a run's own metric says; New for a number that is none."""
    try:
        return ModelStatus(run.data.metrics.get(STATE_METRIC))
    except ValueError:
        return ModelStatus.New


def find_scope(run: Run) -> Scope | None:
    """Return the scope of a run, from its params; None for a run of another kind."""
    params = run.data.params
    if SUBMODEL not in params:
        return None
    try:
        version = parse_version(".".join(params.get(name, "") for name in (MAJOR, MINOR, MICRO)))
    except ValueError:
        return None
    return Scope(run.info.experiment_id, params[SUBMODEL], version)


def get_scope(client: MlflowClient, run_id: object, *, is_deleted_fine: bool = False) -> Scope:
    """Return the scope of a run by its id. Raises InvalidRollout for one that has none."""
    if not is_run_id(run_id):
        raise InvalidRollout(f"run_id must be the id of a run, not {run_id!r}")
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise InvalidRollout(f"run '{run_id}' does not exist") from error
        raise
    scope = find_scope(run) if is_saved(run) else None
    if scope is None or not (is_deleted_fine or run.info.lifecycle_stage == "active"):
        reason = _SCOPELESS if scope is None else "it is deleted"
        raise InvalidRollout(f"run '{run_id}' cannot take part in a rollout: {reason}")
    return scope
