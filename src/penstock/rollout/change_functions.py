"""Change which runs of a version are live, and with which share of the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout
from penstock.rest.opening import opened
from penstock.rollout import changes
from penstock.rollout.changing import carry_through
from penstock.rollout.experiments import get_named_scope
from penstock.rollout.members import get_scope
from penstock.rollout.metadata import check_wanted
from penstock.rollout.plan_list import PlanList
from penstock.rollout.runs import Selection, iter_selected
from penstock.rollout.status import ModelStatus, as_status
from penstock.semver import VersionRange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest import MlflowClient
    from penstock.rollout.changing import Change
    from penstock.rollout.experiments import ExperimentId, Version
    from penstock.rollout.plans import Plan
    from penstock.rollout.scope import Scope

SHOWN = 10


def change_status(
    run_id: str,
    new_active_state: ModelStatus | str | int | None = None,
    new_test_fraction: float | None = None,
    *,
    client: MlflowClient | None = None,
) -> Plan:
    """Change the status of a run, its fraction, or both; None leaves one as it is.

    The other Active runs share what is left, in proportion. A fraction of 0 disables an Active
    run. Returns the new plan.
    """
    status = None if new_active_state is None else as_status(new_active_state, "new_active_state")
    return _change_run(
        client,
        run_id,
        lambda plan, statuses: changes.change_status(
            plan, run_id, statuses, status=status, fraction=new_test_fraction
        ),
    )


def enable_run(run_id: str, *, client: MlflowClient | None = None) -> Plan:
    """Make a run the one Active run, with 1.0; the other Active ones become Disabled."""
    return _change_run(
        client, run_id, lambda plan, statuses: changes.enable_run(plan, run_id, statuses)
    )


def disable_run(run_id: str, *, client: MlflowClient | None = None) -> Plan:
    """Take a run out of use; the other Active ones share its fraction, in proportion.

    It may have been deleted in MLflow meanwhile.
    """
    with opened(client) as server:
        scope = get_scope(server, run_id, is_deleted_fine=True)
        return carry_through(
            server, scope, [run_id], lambda plan, statuses: changes.take_out(plan, run_id, statuses)
        )


def canary_run(run_id: str, *, client: MlflowClient | None = None) -> Plan:
    """Let a run see production's requests without answering them; its fraction becomes 0."""
    return _change_run(
        client, run_id, lambda plan, statuses: changes.canary_run(plan, run_id, statuses)
    )


def update_active_runs(  # noqa: PLR0913, PLR0917 - the names of the document
    test_fraction_by_run: Mapping[str, float],
    model_version: Version,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    submodel_name: str | None = None,
    extra_immutable_metadata: Mapping[str, object] | None = None,
    extra_mutable_metadata: Mapping[str, object] | None = None,
    *,
    client: MlflowClient | None = None,
) -> Plan:
    """Make the given runs the Active ones, with these shares, normalised to 1.

    A share of 0 disables a run; other Active and Canary runs of the version become Disabled. With
    extra metadata, each given run must have all of it.
    """
    shares = _check_dictionary(test_fraction_by_run)
    with opened(client) as server:
        scope = get_named_scope(
            server, model_version, experiment_id, experiment_name, submodel_name=submodel_name
        )
        extra = (extra_immutable_metadata, extra_mutable_metadata)
        _check_metadata(server, scope, shares, *extra)
        return carry_through(
            server,
            scope,
            shares.keys(),
            lambda plan, statuses: changes.update_active_runs(plan, shares, statuses),
        )


def change_test_fractions(  # noqa: PLR0913, PLR0917 - the names of the document
    test_fraction_by_run: Mapping[str, float],
    model_version: Version,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    active_state: ModelStatus | str | int | None = None,
    submodel_name: str | None = None,
    extra_immutable_metadata: Mapping[str, object] | None = None,
    extra_mutable_metadata: Mapping[str, object] | None = None,
    *,
    client: MlflowClient | None = None,
) -> Plan:
    """Give Active runs new shares, normalised to 1; a share of 0 disables a run.

    Other runs of the status `active_state`, by default all live ones, become Disabled.
    """
    shares = _check_dictionary(test_fraction_by_run)
    status = None if active_state is None else as_status(active_state, "active_state")
    with opened(client) as server:
        scope = get_named_scope(
            server, model_version, experiment_id, experiment_name, submodel_name=submodel_name
        )
        extra = (extra_immutable_metadata, extra_mutable_metadata)
        _check_metadata(server, scope, shares, *extra)
        return carry_through(
            server,
            scope,
            shares.keys(),
            lambda plan, statuses: changes.change_test_fractions(
                plan, shares, statuses, active_state=status
            ),
        )


def _change_run(client: MlflowClient | None, run_id: str, change: Change) -> Plan:
    with opened(client) as server:
        return carry_through(server, get_scope(server, run_id), [run_id], change)


def _check_metadata(
    client: MlflowClient,
    scope: Scope,
    shares: Mapping[str, float],
    immutable: Mapping[str, object] | None,
    mutable: Mapping[str, object] | None,
) -> None:
    """Raise InvalidRollout for the runs that lack what all of them should have."""
    if immutable is None and mutable is None:
        return
    of_scope = Selection(
        scope.experiment_id,
        scope.submodel_name,
        VersionRange.exactly(scope.version),
        immutable_metadata=check_wanted(immutable, "extra_immutable_metadata"),
        mutable_metadata=check_wanted(mutable, "extra_mutable_metadata"),
    )
    fitting = {run.run_id for run, _ in iter_selected(client, of_scope, PlanList())}
    lacking = sorted(shares.keys() - fitting)
    if lacking:
        raise InvalidRollout(f"runs of {scope} without that metadata: {', '.join(lacking[:SHOWN])}")


def _check_dictionary(shares: Mapping[str, float]) -> Mapping[str, float]:
    try:
        return {str(run_id): share for run_id, share in shares.items()}
    except AttributeError:
        raise InvalidRollout(
            f"test_fraction_by_run must be a dictionary {{run id: share}}, not {shares!r}"
        ) from None
