"""Where plans are read and written: a gateway, or the tags of a stock server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from penstock.rest.gateway_api import find_gateway
from penstock.rollout.gateway_store import GatewayStore
from penstock.rollout.tag_store import TagStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from penstock.rest import MlflowClient
    from penstock.rollout.members import Member
    from penstock.rollout.plan_list import PlanList
    from penstock.rollout.plans import Plan
    from penstock.rollout.scope import Scope


class PlanStore(Protocol):
    """Reads and writes plans."""

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""

    def get_revision(self, scope: Scope, revision: int) -> Plan:
        """Return the plan of a revision, 0 too. Raises InvalidRollout for one there never was."""

    def get_plan_at(self, scope: Scope, at: datetime | int) -> Plan:
        """Return the plan that was live at a time, of revision 0 before the first."""

    def read_history(self, scope: Scope, limit: int) -> list[Plan]:
        """Return the newest revisions, the newest first."""

    def prepare(self, plan: Plan, affected: Mapping[str, Member]) -> bool:
        """Repair what an interrupted change left behind; tell whether that was anything."""

    def confirm(self, plan: Plan, affected: Mapping[str, Member]) -> None:
        """Bring the mirrors in step with a plan that a change leaves as it is."""

    def write(
        self, plan: Plan, affected: Mapping[str, Member], *, restored: int | None = None
    ) -> Plan:
        """Write the plan that follows the present one. Raises PlanConflict if another does.

        `restored` is the revision whose runs it makes live again, if it does so.
        """

    def declare_new(self, scope: Scope, run_id: str) -> None:
        """Let a saved run take part: it is New."""


def find_store(client: MlflowClient) -> PlanStore:
    """Return the place of plans of the server that a client speaks to."""
    gateway = find_gateway(client)
    return TagStore(client) if gateway is None else GatewayStore(gateway)
