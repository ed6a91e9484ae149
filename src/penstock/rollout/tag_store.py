"""Plans on a stock MLflow server, which has no compare-and-set."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.errors import PlanConflict
from penstock.rollout.metric_history import rebuild_history
from penstock.rollout.mirrors import find_behind, keep_in_step, write_state
from penstock.rollout.plan_tags import PlanTags
from penstock.rollout.plans import Plan
from penstock.rollout.revisions import find_live_at, get_revision
from penstock.rollout.settling import is_overtaken, settle
from penstock.rollout.status import ModelStatus
from penstock.rollout.writer import find_writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from penstock.rest import MlflowClient
    from penstock.rollout.members import Member
    from penstock.rollout.plan_list import PlanList
    from penstock.rollout.scope import Scope

LOOKS = 3
"""How often a plan is looked at before what is behind it is taken for left behind."""


class TagStore:
    """Reads and writes plans as tags of their experiments.

    One write is atomic, so a plan is never torn. Between two writers the last one wins; reading
    back tells a writer when that was somebody else.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._tags = PlanTags(client)
        self._looks: Counter[int] = Counter()

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""
        return self._tags.read(scope)

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""
        return self._tags.read_all(experiment_id)

    def prepare(self, plan: Plan, affected: Mapping[str, Member]) -> bool:
        """Repair the mirrors that an interrupted change left behind; tell whether there were any.

        What a plan leaves out is known by its runs' own metrics alone, so these must be right
        before the next plan is written. Raises PlanConflict when the writer of the plan may still
        be at it: to look again a little later costs less than to do its work twice.
        """
        behind = find_behind(plan, affected)
        if not behind:
            return False
        self._looks[plan.revision] += 1
        if self._looks[plan.revision] < LOOKS:
            raise PlanConflict(f"somebody else changes {plan.scope} right now; try again")
        settle(self._client, plan, [one.run.info.run_id for one in behind])
        return True

    def confirm(self, plan: Plan, affected: Mapping[str, Member]) -> None:
        """Do nothing: what was behind the plan has been repaired before."""

    def write(
        self,
        plan: Plan,
        affected: Mapping[str, Member],
        *,
        restored: int | None = None,  # noqa: ARG002 - as of a store
    ) -> Plan:
        """Write the plan that follows the present one, then its mirrors; return it as it stands.

        Raises PlanConflict if somebody else's plan stands there before or after.
        """
        signed = replace(plan, updated_at=time.time_ns() // 1_000_000, updated_by=find_writer())
        self._tags.follow(signed)
        touched = keep_in_step(self._client, signed, affected)
        if not is_overtaken(self._client, signed):
            return signed
        standing = settle(self._client, signed, touched)
        if standing.says_the_same(signed):
            return standing
        if standing.revision <= signed.revision:
            raise PlanConflict(f"somebody else changed {plan.scope} at the same time; try again")
        return signed

    def get_revision(self, scope: Scope, revision: int) -> Plan:
        """Return the plan of a revision, as the runs' metrics tell it. Raises InvalidRollout."""
        return get_revision(self._history(scope), revision) if revision else Plan(scope)

    def get_plan_at(self, scope: Scope, at: datetime | int) -> Plan:
        """Return the plan of a time, as the runs' metrics tell it, of revision 0 before all."""
        return find_live_at(self._history(scope), at) or Plan(scope)

    def read_history(self, scope: Scope, limit: int) -> list[Plan]:
        """Return the newest revisions as the runs' metrics tell them, the newest first."""
        return self._history(scope)[:limit]

    def _history(self, scope: Scope) -> list[Plan]:
        return rebuild_history(self._client, self.read(scope))

    def declare_new(self, scope: Scope, run_id: str) -> None:  # noqa: ARG002 - as of a store
        """Let a saved run take part: it is New."""
        write_state(
            self._client,
            run_id,
            ModelStatus.New,
            fraction=0.0,
            revision=0,
            timestamp=time.time_ns() // 1_000_000,
        )
