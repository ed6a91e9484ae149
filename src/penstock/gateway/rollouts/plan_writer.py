"""Changes of plans, each with the revision that it follows. Blocking: for worker threads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from penstock.errors import PlanConflict
from penstock.gateway.db.rollouts import State, first_of
from penstock.gateway.rollouts.plan_reader import PlanReader, plan_of
from penstock.gateway.rollouts.protocol import Protocol, now
from penstock.gateway.rollouts.tracking import Tracking
from penstock.rollout.changes import Statuses, noted, replace_runs, restore, turn_off
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus

Change = Callable[[Plan, Statuses], Plan]


class PlanWriter:
    """Changes plans. All raise what PlanReader's methods raise, too."""

    def __init__(self, reader: PlanReader, tracking: Tracking, protocol: Protocol) -> None:
        self._reader = reader
        self._tracking = tracking
        self._protocol = protocol

    def replace(
        self,
        scope: Scope,
        runs: Mapping[str, tuple[ModelStatus, float]],
        *,
        follows: int,
        actor: str,
        note: str | None = None,
    ) -> Plan:
        """Make exactly these runs what is said of them; return the plan that holds then.

        Raises InvalidRollout, naming run and rule, and PlanConflict where the plan is not at the
        revision that the change follows.
        """
        return self._change(
            scope,
            lambda plan, statuses: noted(replace_runs(plan, runs, statuses), plan, note),
            named=runs,
            follows=follows,
            actor=actor,
        )

    def rollback(
        self, scope: Scope, revision: int, *, follows: int, actor: str, note: str | None = None
    ) -> Plan:
        """Make the runs of an earlier revision live again. Raises as `replace`, and 404."""
        earlier = self._reader.read_revision(scope, revision)
        return self._change(
            scope,
            lambda plan, statuses: noted(restore(plan, earlier, statuses), plan, note),
            named=earlier.runs,
            follows=follows,
            actor=actor,
        )

    def declare(self, scope: Scope, run_id: str) -> Plan:
        """Give a saved run its first mirrors; return the plan, which does not change.

        Raises InvalidRollout for a run of another scope.
        """
        plan = self._reader.read(scope)
        while True:
            self._tracking.declare(plan, run_id)
            present = self._reader.read(scope)
            if present.revision == plan.revision:
                return plan
            plan = present  # what was written may be what it no longer is

    def _change(
        self, scope: Scope, change: Change, *, named: Iterable[str], follows: int, actor: str
    ) -> Plan:
        row = self._protocol.current(scope)
        plan = plan_of(scope, row)
        if plan.revision != follows:
            raise PlanConflict(f"{scope} is at revision {plan.revision}, not {follows}")
        if row is not None and row.state is not State.SETTLED:
            # What a plan leaves out is known by the runs themselves alone: they must be right.
            self._protocol.settle(row)
        affected = self._tracking.affected(plan, named)
        statuses = {
            run_id: plan.status_of(run_id, member.status) for run_id, member in affected.items()
        }
        changed = change(plan, statuses)
        if changed is not plan:
            changed = turn_off(changed, plan.runs.keys() - affected.keys())
            after = 0 if row is None else row.at
            signed = replace(changed, updated_at=max(now(), after), updated_by=actor)
            plan, row = signed, first_of(signed)
            self._protocol.write(row)
        if row is not None:
            self._protocol.try_to_settle(row, affected)
        return plan
