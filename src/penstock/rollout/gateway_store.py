"""Plans behind a Penstock gateway, which compares and sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.errors import InvalidRollout, MlflowException, PlanConflict, UnreadablePlan
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import as_status
from penstock.semver import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest.gateway_api import GatewayApi
    from penstock.rollout.members import Member

MOVED_ON, REFUSED = 412, frozenset({400, 422})


class GatewayStore:
    """Reads and writes plans over `/v1/rollout`; the gateway writes their mirrors."""

    def __init__(self, gateway: GatewayApi) -> None:
        self._gateway = gateway

    def read(self, scope: Scope) -> Plan:
        """Return the plan of a scope, of revision 0 if nobody has written one."""
        return parse_plan(self._gateway.call("GET", path_of(scope)))

    def read_all(self, experiment_id: str) -> list[Plan]:
        """Return all plans of an experiment."""
        answer = self._gateway.call("GET", "/v1/rollouts", query={"experiment_id": experiment_id})
        return [parse_plan(document) for document in _data(answer)]

    def prepare(self, plan: Plan, affected: Mapping[str, Member]) -> bool:  # noqa: ARG002 - as of a store
        """Do nothing: the gateway repairs by itself."""
        return False

    def write(self, plan: Plan, affected: Mapping[str, Member]) -> Plan:  # noqa: ARG002 - as of a store
        """Write the plan that follows the present one; return it as written.

        Raises PlanConflict if the present one is another than it follows.
        """
        try:
            answer = self._gateway.call(
                "PUT",
                path_of(plan.scope),
                body={"runs": runs_document(plan)},
                headers={"If-Match": f'"{plan.revision - 1}"'},
            )
        except MlflowException as error:
            raise self._explain(error, plan) from error
        return parse_plan(answer)

    def read_history(self, scope: Scope, limit: int) -> list[Plan]:
        """Return the newest revisions, the newest first."""
        answer = self._gateway.call("GET", f"{path_of(scope)}/history", query={"limit": limit})
        return [parse_plan(document) for document in _data(answer)]

    def declare_new(self, scope: Scope, run_id: str) -> None:
        """Let a saved run take part: it is New."""
        self._gateway.call("POST", f"{path_of(scope)}/runs", body={"run_id": run_id})

    def _explain(self, error: MlflowException, plan: Plan) -> Exception:
        status = error.get_http_status_code()
        if status == MOVED_ON:
            return PlanConflict(
                f"{plan.scope} is no longer at revision {plan.revision - 1}; "
                "look at it, and try again"
            )
        return InvalidRollout(error.message) if status in REFUSED else error


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
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UnreadablePlan(
            f"the gateway's answer is no plan ({error}); update Penstock"
        ) from error


def _data(answer: Any) -> Any:  # noqa: ANN401 - JSON is any
    return answer["data"] if isinstance(answer, dict) and "data" in answer else answer
