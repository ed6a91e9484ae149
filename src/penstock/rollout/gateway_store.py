"""Plans behind a Penstock gateway, which compares and sets."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.errors import InvalidRollout, MlflowException, PlanConflict, UnreadablePlan
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.revisions import as_milliseconds
from penstock.rollout.scope import Scope
from penstock.rollout.status import as_status
from penstock.semver import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from penstock.rest.gateway_api import GatewayApi
    from penstock.rollout.members import Member

MISSING, MOVED_ON = 404, 412
MEANT = {400: InvalidRollout, 409: UnreadablePlan, 422: InvalidRollout}
"""What the gateway's refusals are to a caller, by their status; others stay what they are."""

MOST_LISTED = 1000
"""Revisions in one answer; plans may be long."""


class GatewayStore:
    """Reads and writes plans over `/v1/rollout`; the gateway writes their mirrors."""

    def __init__(self, gateway: GatewayApi) -> None:
        self._gateway = gateway

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""
        return parse_plan(self._call("GET", path_of(scope)))

    def read_all(self, experiment_id: str) -> PlanList:
        """Return all plans of an experiment, and why a tag of it holds none."""
        answer = self._call("GET", "/v1/rollouts", query={"experiment_id": experiment_id})
        return PlanList(map(parse_plan, _data(answer)), answer.get("unreadable"))

    def prepare(self, plan: Plan, affected: Mapping[str, Member]) -> bool:  # noqa: ARG002 - as of a store
        """Do nothing: the gateway repairs by itself, with every change."""
        return False

    def confirm(self, plan: Plan, affected: Mapping[str, Member]) -> None:
        """Send the plan once more, which changes nothing, where the mirrors are behind it."""
        from penstock.rollout.mirrors import find_behind  # noqa: PLC0415 - no gateway needs it here

        if find_behind(plan, affected):
            self.write(replace(plan, revision=plan.revision + 1, not_live={}), affected)

    def write(
        self,
        plan: Plan,
        affected: Mapping[str, Member],  # noqa: ARG002 - as of a store
        *,
        restored: int | None = None,
    ) -> Plan:
        """Write the plan that follows the present one; return it as written.

        Raises PlanConflict if the present one is another than it follows.
        """
        try:
            return parse_plan(self._send(plan, restored))
        except MlflowException as error:
            if error.get_http_status_code() != MOVED_ON:
                raise
            return self._written_before(plan, error)

    def get_revision(self, scope: Scope, revision: int) -> Plan:
        """Return the plan of a revision, 0 too. Raises InvalidRollout for one there never was."""
        return self._read_earlier(scope, revision=revision)

    def get_plan_at(self, scope: Scope, at: datetime | int) -> Plan:
        """Return the plan that was live at a time, of revision 0 before the first."""
        return self._read_earlier(scope, at=max(0, as_milliseconds(at)))

    def read_history(self, scope: Scope, limit: int) -> list[Plan]:
        """Return the newest revisions, the newest first."""
        return list(islice(self._iter_history(scope, limit), limit))

    def declare_new(self, scope: Scope, run_id: str) -> None:
        """Let a saved run take part: it is New."""
        self._call("POST", f"{path_of(scope)}/runs", body={"run_id": run_id})

    def _send(self, plan: Plan, restored: int | None) -> Any:  # noqa: ANN401 - JSON is any
        path, headers = path_of(plan.scope), {"If-Match": f'"{plan.revision - 1}"'}
        if restored is not None:
            body = {"revision": restored, **_note(plan)}
            return self._call("POST", f"{path}/rollback", body=body, headers=headers)
        body = {"runs": runs_document(plan), **_note(plan)}
        return self._call("PUT", path, body=body, headers=headers)

    def _written_before(self, plan: Plan, error: MlflowException) -> Plan:
        """Return the plan if it is there already: a call whose answer was lost is repeated.

        Raises PlanConflict for another plan.
        """
        present = self.read(plan.scope)
        if present.revision == plan.revision and present.says_the_same(plan):
            return present
        raise PlanConflict(
            f"{plan.scope} is no longer at revision {plan.revision - 1}; look at it, and try again"
        ) from error

    def _read_earlier(self, scope: Scope, **query: int) -> Plan:
        try:
            return parse_plan(self._call("GET", path_of(scope), query=query))
        except MlflowException as error:
            if error.get_http_status_code() == MISSING:
                raise InvalidRollout(error.message) from error
            raise

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON is any
        try:
            return self._gateway.call(method, path, query=query, body=body, headers=headers)
        except MlflowException as error:
            meant = MEANT.get(error.get_http_status_code())
            if meant is None:
                raise
            raise meant(error.message) from error

    def _iter_history(self, scope: Scope, limit: int) -> Iterator[Plan]:
        query = {"limit": min(limit, MOST_LISTED)}
        while True:
            answer = self._call("GET", f"{path_of(scope)}/history", query=query)
            page = [parse_plan(document) for document in _data(answer)]
            yield from page
            if not page or page[-1].revision <= 1:
                return
            query["before"] = page[-1].revision


def path_of(scope: Scope) -> str:
    """Return the path of a scope's plan; a `/` in the submodel's name travels as `%2F`."""
    parts = (scope.experiment_id, scope.submodel_name, str(scope.version))
    return "/v1/rollout/" + "/".join(quote(part, safe="") for part in parts)


def runs_document(plan: Plan) -> dict[str, Any]:
    """Return the runs of a plan, and those that it turns off by name, as JSON."""
    live = {run_id: (run.status, run.fraction) for run_id, run in plan.runs.items()}
    off = {run_id: (status, 0.0) for run_id, status in plan.not_live.items()}
    return {
        run_id: {"status": status.name, "fraction": fraction}
        for run_id, (status, fraction) in {**live, **off}.items()
    }


def parse_plan(answer: Any) -> Plan:  # noqa: ANN401 - JSON is any
    """Return the plan that an answer of the gateway holds. Raises UnreadablePlan for another."""
    document = _data(answer)
    try:
        scope = Scope(
            document["experiment_id"],
            document["submodel_name"],
            parse_version(document["version"]),
        )
        states = {
            run_id: LiveRun(as_status(run["status"], "status"), float(run["fraction"]))
            for run_id, run in document["runs"].items()
        }
        return Plan(
            scope,
            document["revision"],
            {run_id: run for run_id, run in states.items() if run.status.is_live},
            document["updated_at"],
            document["updated_by"],
            {run_id: run.status for run_id, run in states.items() if not run.status.is_live},
            document.get("note"),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UnreadablePlan(
            f"the gateway's answer is no plan ({error}); update Penstock"
        ) from error


def _note(plan: Plan) -> dict[str, str]:
    return {} if plan.note is None else {"note": plan.note}


def _data(answer: Any) -> Any:  # noqa: ANN401 - JSON is any
    return answer["data"] if isinstance(answer, dict) and "data" in answer else answer
