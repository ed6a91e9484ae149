"""The plans of an experiment, as far as its tags can be read. Pure."""

from collections.abc import Iterable, Mapping

from penstock.errors import UnreadablePlan
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope


class PlanList(list[Plan]):
    """The plans of an experiment, by submodel and version.

    `unreadable` says why a tag holds none, by the key of its scope: one bad tag hinders nobody
    who asks for others.
    """

    def __init__(
        self, plans: Iterable[Plan] = (), unreadable: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sorted(plans, key=lambda plan: (plan.submodel_name, plan.version)))
        self.unreadable = dict(unreadable or {})

    def get_plan(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if there is none. Raises UnreadablePlan."""
        if scope.key in self.unreadable:
            raise UnreadablePlan(self.unreadable[scope.key])
        return next((plan for plan in self if plan.scope == scope), Plan(scope))
