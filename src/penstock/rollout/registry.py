"""Stages and aliases of registered versions, kept in step with the plans.

Active is `Production`, Canary `Staging`, Disabled `Archived`, New `None`. The alias `active` names
the version with the largest share, `canary` that of the newest Canary; where several scopes share
a registered model, the highest semantic version wins, then the newest.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from penstock.errors import MlflowException, UnreadablePlan
from penstock.rollout.codec import read_plan, read_plans
from penstock.rollout.filters import among, joined, quoted
from penstock.rollout.members import find_scope
from penstock.rollout.model_names import encode_model_name
from penstock.rollout.status import ModelStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from penstock.rest import MlflowClient
    from penstock.rest.entities import ModelVersion
    from penstock.rollout.plans import Plan
    from penstock.semver import SemVer

STAGES: Final = {
    ModelStatus.Active: "Production",
    ModelStatus.Canary: "Staging",
    ModelStatus.Disabled: "Archived",
    ModelStatus.New: "None",
}
ALIASES: Final = {"active": ModelStatus.Active, "canary": ModelStatus.Canary}
IDS_PER_SEARCH = 100
"""The search of versions takes its filter in the URL, which must not grow too long."""


class Candidate(NamedTuple):
    """A registered version that an alias may name; the greatest does."""

    version: SemVer
    fraction: float
    number: int


def keep_registry_in_step(
    client: MlflowClient, plan: Plan, changed: Mapping[str, ModelStatus]
) -> None:
    """Bring stages of the changed runs' versions, and the model's aliases, in step with a plan."""
    name = encode_model_name(plan.submodel_name)
    plans = _plans_of_submodel(client, plan)
    concerned = {*changed, *(run_id for one in plans for run_id in one.runs)}
    versions = list(_versions_of_runs(client, name, concerned))
    if not versions:
        return
    statuses = {**changed, **{run_id: run.status for run_id, run in plan.runs.items()}}
    for version in versions:
        stage = STAGES.get(statuses.get(version.run_id or ""), version.current_stage)  # type: ignore[arg-type]
        if stage != version.current_stage:
            client.transition_model_version_stage(name, version.version, stage)
    _point_aliases(client, name, plans, versions)


def _plans_of_submodel(client: MlflowClient, plan: Plan) -> list[Plan]:
    """Return the plans of the experiment that share the registered model, `plan` among them."""
    found = read_plans(plan.experiment_id, client.get_experiment(plan.experiment_id).tags)
    for key, reason in found.unreadable.items():
        if key != plan.scope.key:
            _warn(reason)
    others = [
        one for one in found if one.submodel_name == plan.submodel_name and one.scope != plan.scope
    ]
    return [*others, plan]


def _versions_of_runs(
    client: MlflowClient, name: str, run_ids: Iterable[str]
) -> Iterator[ModelVersion]:
    ids, text = sorted(run_ids), quoted(name)
    for first in range(0, len(ids), IDS_PER_SEARCH):
        some = among("run_id", ids[first : first + IDS_PER_SEARCH])
        for version in client.iter_model_versions(joined([text and f"name = {text}", some])):
            if version.name == name:
                yield version


def _point_aliases(
    client: MlflowClient, name: str, plans: Iterable[Plan], versions: Iterable[ModelVersion]
) -> None:
    held = client.get_registered_model(name).aliases
    known = {version.version for version in versions}
    for alias, status in ALIASES.items():
        candidates = list(_candidates(plans, versions, status))
        if alias in held and held[alias] not in known:
            holder = _find_version(client, name, held[alias])
            candidates += _candidates_elsewhere(client, holder, status)
        elif alias in held and not candidates:
            candidates += _candidates_elsewhere(client, _staged(client, name, status), status)
        _point(client, name, alias, held.get(alias), max(candidates, default=None))


def _point(
    client: MlflowClient, name: str, alias: str, held: str | None, best: Candidate | None
) -> None:
    if best is None:
        if held is not None:
            client.delete_registered_model_alias(name, alias)
    elif held != str(best.number):
        client.set_registered_model_alias(name, alias, str(best.number))


def _candidates(
    plans: Iterable[Plan], versions: Iterable[ModelVersion], status: ModelStatus
) -> Iterator[Candidate]:
    for plan in plans:
        for version in versions:
            run = plan.runs.get(version.run_id or "")
            if run is not None and run.status is status:
                yield Candidate(plan.version, run.fraction, int(version.version))


def _find_version(client: MlflowClient, name: str, number: str) -> list[ModelVersion]:
    """Return the version that an alias names; none where old servers left it to a deleted one."""
    try:
        return [client.get_model_version(name, number)]
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return []
        raise


def _staged(client: MlflowClient, name: str, status: ModelStatus) -> list[ModelVersion]:
    """Return the model's versions that other experiments have brought to the stage of a status."""
    text = quoted(name)
    return [
        version
        for version in client.iter_model_versions(text and f"name = {text}")
        if version.name == name and version.current_stage == STAGES[status]
    ]


def _candidates_elsewhere(
    client: MlflowClient, versions: Iterable[ModelVersion], status: ModelStatus
) -> Iterator[Candidate]:
    """Yield those of the versions that plans of whatever experiment still hold live."""
    for version in versions:
        plan = _plan_of_run(client, version.run_id)
        if plan is not None:
            yield from _candidates([plan], [version], status)


def _plan_of_run(client: MlflowClient, run_id: str | None) -> Plan | None:
    if not run_id:
        return None
    try:
        scope = find_scope(client.get_run(run_id))
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    if scope is None:
        return None
    try:
        return read_plan(scope, client.get_experiment(scope.experiment_id).tags)
    except UnreadablePlan as error:
        _warn(str(error))
        return None


def _warn(reason: str) -> None:
    logging.getLogger("penstock.rollout").warning("no stage or alias follows from %s", reason)
