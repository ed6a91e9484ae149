"""The tags that hold plans, on a server without compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout, MlflowException, PlanConflict
from penstock.rollout.codec import encode, plan_tag, read_plan, read_plans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest import MlflowClient
    from penstock.rollout.plan_list import PlanList
    from penstock.rollout.plans import Plan
    from penstock.rollout.scope import Scope

SHOWN_CHARACTERS = 100
"""Of what the server says: old ones repeat the whole value before its length and their limit."""


class PlanTags:
    """Reads and writes the tags of experiments that hold plans."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""
        return read_plan(scope, self._tags(scope.experiment_id))

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""
        return read_plans(experiment_id, self._tags(experiment_id))

    def follow(self, plan: Plan) -> None:
        """Write a plan that follows the present one.

        Raises PlanConflict if the present one is another, or somebody else wrote meanwhile.
        """
        present = self.read(plan.scope)
        if present.revision != plan.revision - 1:
            raise PlanConflict(
                f"{plan.scope} is at revision {present.revision} already, not {plan.revision - 1}; "
                "look at it, and try again"
            )
        self.write(plan)

    def write(self, plan: Plan) -> None:
        """Write a plan, without its note where a server of version 2 has no room for it.

        Raises PlanConflict if another one stands there afterwards.
        """
        try:
            self._write(plan)
        except InvalidRollout:
            if plan.note is None:
                raise
            self._write(replace(plan, note=None))

    def _write(self, plan: Plan) -> None:
        text = encode(plan)
        self._set(plan, text)
        if self._tags(plan.experiment_id).get(plan_tag(plan.scope)) != text:
            raise PlanConflict(f"somebody else changed {plan.scope} at the same time; try again")

    def _set(self, plan: Plan, text: str) -> None:
        try:
            self._client.set_experiment_tag(plan.experiment_id, plan_tag(plan.scope), text)
        except MlflowException as error:
            if error.error_code == "INVALID_PARAMETER_VALUE" and "length" in error.message:
                raise InvalidRollout(
                    f"the plan of {plan.scope} has {len(plan.runs)} live runs, more than this "
                    f"server's tag of an experiment holds: disable some runs "
                    f"({error.message[-SHOWN_CHARACTERS:]})"
                ) from error
            raise

    def _tags(self, experiment_id: str) -> Mapping[str, str]:
        return self._client.get_experiment(experiment_id).tags
