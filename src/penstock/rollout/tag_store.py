"""Plans on a stock MLflow server, which has no compare-and-set."""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout, MlflowException, PlanConflict
from penstock.rollout.codec import encode, plan_tag, read_plan, read_plans
from penstock.rollout.metric_history import rebuild_history
from penstock.rollout.mirrors import keep_in_step, write_state
from penstock.rollout.plans import Plan
from penstock.rollout.revisions import find_live_at, get_revision
from penstock.rollout.status import ModelStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from penstock.rest import MlflowClient
    from penstock.rollout.members import Member
    from penstock.rollout.plan_list import PlanList
    from penstock.rollout.scope import Scope

USER_SETTINGS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_USERNAME")


class TagStore:
    """Reads and writes plans as tags of their experiments.

    One write is atomic, so a plan is never torn. Between two writers the last one wins; reading
    back tells a writer when that was somebody else.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""
        return read_plan(scope, self._tags(scope.experiment_id))

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""
        return read_plans(experiment_id, self._tags(experiment_id))

    def prepare(self, plan: Plan, affected: Mapping[str, Member]) -> bool:
        """Repair the mirrors that an interrupted change left behind; tell whether there were any.

        What a plan leaves out is known by its runs' own metrics alone, so these must be right
        before the next plan is written.
        """
        return bool(keep_in_step(self._client, plan, affected))

    def write(
        self,
        plan: Plan,
        affected: Mapping[str, Member],
        *,
        restored: int | None = None,  # noqa: ARG002 - as of a store
    ) -> Plan:
        """Write the plan that follows the present one, then its mirrors; return it as written.

        Raises PlanConflict if somebody else's plan stands there before or after.
        """
        signed = replace(plan, updated_at=time.time_ns() // 1_000_000, updated_by=_writer())
        text = encode(signed)
        self._check_revision(plan)
        self._set(signed, text)
        if self._tags(plan.experiment_id).get(plan_tag(plan.scope)) != text:
            raise PlanConflict(f"somebody else changed {plan.scope} at the same time; try again")
        keep_in_step(self._client, signed, affected)
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

    def _check_revision(self, plan: Plan) -> None:
        present = self.read(plan.scope)
        if present.revision != plan.revision - 1:
            raise PlanConflict(
                f"{plan.scope} is at revision {present.revision} already, not {plan.revision - 1}; "
                "look at it, and try again"
            )

    def _set(self, plan: Plan, text: str) -> None:
        try:
            self._client.set_experiment_tag(plan.experiment_id, plan_tag(plan.scope), text)
        except MlflowException as error:
            if error.error_code == "INVALID_PARAMETER_VALUE" and "length" in error.message:
                raise InvalidRollout(
                    f"the plan of {plan.scope} has {len(plan.runs)} live runs, more than this "
                    f"server's tag of an experiment holds: disable some runs ({error.message})"
                ) from error
            raise

    def _tags(self, experiment_id: str) -> Mapping[str, str]:
        return self._client.get_experiment(experiment_id).tags


def _writer() -> str | None:
    """Return who writes, as far as that is known here: nobody proves it."""
    named = next((os.environ[name] for name in USER_SETTINGS if os.environ.get(name)), None)
    if named is not None:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        return None
