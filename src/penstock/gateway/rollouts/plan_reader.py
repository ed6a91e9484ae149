"""The plans of all rollouts, as they hold and as they were. Blocking: for worker threads."""

from typing import Final

from penstock.errors import RequestRefused, UnreadablePlan
from penstock.gateway.db.rollouts import Revision, State
from penstock.gateway.proxy.targets.remembered import Remembered
from penstock.gateway.rollouts.ledger import Ledger
from penstock.gateway.rollouts.protocol import Protocol
from penstock.gateway.rollouts.tracking import Tracking
from penstock.rollout.codec import read_plans
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope

IN_STEP_SECONDS: Final = 5
"""How long a plan counts as in step with its tag without MLflow being asked again."""

MOST_REMEMBERED: Final = 10_000


class PlanReader:
    """Reads plans; what others have left half-written is finished on the way.

    All raise UpstreamError, DatabaseUnavailable, UnreadablePlan, and RequestRefused: 404 for an
    experiment that there is not.
    """

    def __init__(self, ledger: Ledger, tracking: Tracking, protocol: Protocol) -> None:
        self._ledger = ledger
        self._tracking = tracking
        self._protocol = protocol
        self._in_step: Remembered[Scope, int] = Remembered(MOST_REMEMBERED, seconds=IN_STEP_SECONDS)

    def find_known(self, scope: Scope) -> Plan | None:
        """Return a plan that was in step just now, by one look at the database alone; or None."""
        known = self._in_step.get(scope)
        row = None if known is None else self._ledger.newest(scope)
        return row.plan if row is not None and row.is_decided and row.revision == known else None

    def read(self, scope: Scope) -> Plan:
        """Return the plan that holds, of revision 0 if nobody has written one."""
        return plan_of(scope, self._current(scope))

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""
        tags = self._tracking.tags(experiment_id)
        scopes = {row.scope for row in self._ledger.newest_of_all(experiment_id)}
        known, told = {scope.key for scope in scopes}, read_plans(experiment_id, tags)
        unreadable = {key: why for key, why in told.unreadable.items() if key not in known}
        plans = []
        for scope in scopes | {plan.scope for plan in told}:
            try:
                row = self._protocol.current(scope, tags)
                plans += [] if row is None else [row.plan]
            except UnreadablePlan as error:
                unreadable[scope.key] = str(error)
        return PlanList(plans, unreadable)

    def read_revision(self, scope: Scope, revision: int) -> Plan:
        """Return an earlier plan. Raises RequestRefused (404) for one that there never was."""
        present = self.read(scope)
        return present if present.revision == revision else self._earlier(present, revision)

    def read_at(self, scope: Scope, moment: int) -> Plan:
        """Return the plan of a moment, in milliseconds since 1970; of revision 0 before the first.

        What MLflow has of a database that is gone counts from when it was written.
        """
        self._current(scope)
        return plan_of(scope, self._ledger.at(scope, moment))

    def history(self, scope: Scope, *, before: int | None, limit: int) -> list[Plan]:
        """Return plans, the newest first, those before a revision if one is given."""
        self._current(scope)
        rows = self._ledger.history(scope, before=before, limit=limit)
        return [row.plan for row in rows if row.is_decided]

    def _current(self, scope: Scope) -> Revision | None:
        row = self._protocol.current(scope)
        if row is not None and row.state is State.WRITTEN and not self._protocol.is_fresh(row):
            self._protocol.try_to_settle(row)
        if row is not None:
            self._in_step.put(scope, row.revision)
        return row

    def _earlier(self, present: Plan, revision: int) -> Plan:
        scope = present.scope
        row = self._ledger.find(scope, revision) if revision else None
        if revision and (row is None or not row.is_decided):
            raise RequestRefused(
                404,
                "RESOURCE_DOES_NOT_EXIST",
                f"{scope} has no revision {revision} in its history; "
                f"the newest is {present.revision}",
            )
        return plan_of(scope, row)


def plan_of(scope: Scope, row: Revision | None) -> Plan:
    """Return the plan of a row; of revision 0 where there is none. Raises UnreadablePlan."""
    return Plan(scope) if row is None else row.plan
