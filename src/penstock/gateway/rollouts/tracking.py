"""What rollouts read and write in MLflow, as the gateway itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout, RequestRefused
from penstock.gateway.mlflow_link import MlflowLink
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.unknown import unknown
from penstock.rollout.codec import plan_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from penstock.gateway.db.rollouts import Revision
    from penstock.rest.entities import Run
    from penstock.rollout.members import Member
    from penstock.rollout.plans import Plan


class Tracking:
    """Speaks to MLflow as the gateway itself. Safe under threads.

    All raise UpstreamError: UpstreamAway where nothing was sent; and RequestRefused for what
    MLflow refuses.
    """

    def __init__(self, url: str, *, connect_seconds: float, seconds: float) -> None:
        self._link = MlflowLink(url, connect_seconds=connect_seconds, seconds=seconds)

    def close(self) -> None:
        """End all connections."""
        self._link.close()

    def tags(self, experiment_id: str) -> Mapping[str, str]:
        """Return an experiment's tags. Raises RequestRefused (404) for a deleted one, too."""
        with self._link.asking() as client:
            experiment = client.get_experiment(experiment_id)
        if experiment.lifecycle_stage == "deleted":
            raise unknown(Reference(Named.EXPERIMENT, experiment_id, Level.READ))
        return experiment.tags

    def write(self, row: Revision) -> None:
        """Write a revision's document into its experiment's tag: one write, whole or not at all."""
        tag = plan_tag(row.scope)
        with self._link.asking() as client:
            client.set_experiment_tag(row.scope.experiment_id, tag, row.document)

    def affected(self, plan: Plan, named: Iterable[str]) -> dict[str, Member]:
        """Return the runs that a change may touch: named ones, those of the plan, live ones."""
        from penstock.rollout.members import read_affected  # noqa: PLC0415 - with the client

        with self._link.asking() as client:
            return read_affected(client, plan, named)

    def mirror(self, plan: Plan, affected: Mapping[str, Member] | None = None) -> None:
        """Write what follows from a plan into runs and registered versions that are behind it."""
        from penstock.rollout.mirrors import keep_in_step  # noqa: PLC0415 - with the client

        with self._link.asking() as client:
            keep_in_step(client, plan, affected)

    def declare(self, plan: Plan, run_id: str) -> None:
        """Write the first mirrors of a run: those of step 0, unless the plan speaks of it.

        Raises InvalidRollout for a run that there is not, or not in the plan's scope.
        """
        from penstock.rollout.members import Member, own_status  # noqa: PLC0415 - with the client
        from penstock.rollout.mirrors import is_behind, write_state  # noqa: PLC0415 - likewise

        run = self._run_of(plan, run_id)
        member = Member(run, own_status(run))
        if not is_behind(plan, member):
            return
        is_named = run_id in plan.runs or run_id in plan.not_live
        with self._link.asking() as client:
            write_state(
                client,
                run_id,
                plan.status_of(run_id, member.status),
                fraction=plan.fraction_of(run_id),
                revision=plan.revision if is_named else 0,
                timestamp=(plan.updated_at if is_named else run.info.start_time) or 0,
            )

    def _run_of(self, plan: Plan, run_id: str) -> Run:
        from penstock.rollout.members import find_scope  # noqa: PLC0415 - with the client

        try:
            with self._link.asking() as client:
                run = client.get_run(run_id)
        except RequestRefused as refusal:
            raise InvalidRollout(f"run '{run_id}': no run of {plan.scope}") from refusal
        if find_scope(run) != plan.scope or run.info.lifecycle_stage != "active":
            raise InvalidRollout(f"run '{run_id}': no run of {plan.scope}")
        return run
