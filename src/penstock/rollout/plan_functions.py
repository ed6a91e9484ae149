"""Read the plan of a version, its history, and go back in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout
from penstock.rest.opening import opened
from penstock.rollout import changes
from penstock.rollout.changing import carry_through
from penstock.rollout.experiments import get_named_scope
from penstock.rollout.revisions import check_revision
from penstock.rollout.store import find_store

if TYPE_CHECKING:
    from datetime import datetime

    from penstock.rest import MlflowClient
    from penstock.rollout.experiments import ExperimentId, Version
    from penstock.rollout.plans import Plan

HISTORY = 100


def plan(  # noqa: PLR0913 - the names of the document
    model_version: Version,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    submodel_name: str | None = None,
    *,
    revision: int | None = None,
    at: datetime | int | None = None,
    client: MlflowClient | None = None,
) -> Plan:
    """Return the plan of a version: the present one, an earlier one, or the one of a time.

    `at` is a time with its zone, or milliseconds since 1970. A plan nobody has written yet, or
    had at that time, has revision 0.
    """
    if revision is not None and at is not None:
        raise InvalidRollout("pass either revision or at: which plan is meant?")
    with opened(client) as server:
        scope = get_named_scope(
            server, model_version, experiment_id, experiment_name, submodel_name=submodel_name
        )
        store = find_store(server)
        if revision is not None:
            return store.get_revision(scope, check_revision(revision))
        return store.read(scope) if at is None else store.get_plan_at(scope, at)


def history(  # noqa: PLR0913 - the names of the document
    model_version: Version,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    submodel_name: str | None = None,
    *,
    limit: int = HISTORY,
    client: MlflowClient | None = None,
) -> list[Plan]:
    """Return the newest revisions of the plan of a version, the newest first.

    On a stock server they are rebuilt from the runs' metrics, and say not who made them.
    """
    if type(limit) is not int or limit < 1:
        raise InvalidRollout(f"limit must be a whole number of at least 1, not {limit!r}")
    with opened(client) as server:
        scope = get_named_scope(
            server, model_version, experiment_id, experiment_name, submodel_name=submodel_name
        )
        return find_store(server).read_history(scope, limit)


def rollback(  # noqa: PLR0913 - the names of the document
    revision: int,
    model_version: Version,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    submodel_name: str | None = None,
    *,
    client: MlflowClient | None = None,
) -> Plan:
    """Make the runs of an earlier revision live again, with its fractions; return the new plan.

    It is a new revision: history only grows. Revision 0 is that of no live runs.
    """
    check_revision(revision)
    with opened(client) as server:
        scope = get_named_scope(
            server, model_version, experiment_id, experiment_name, submodel_name=submodel_name
        )
        earlier = find_store(server).get_revision(scope, revision)
        return carry_through(
            server,
            scope,
            earlier.runs.keys(),
            lambda present, statuses: changes.restore(present, earlier, statuses),
            restored=revision,
        )
