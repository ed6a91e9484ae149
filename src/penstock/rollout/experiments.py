"""Which experiment, submodel and versions a call means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import InvalidRollout, MlflowException
from penstock.rollout.model_names import encode_model_name
from penstock.rollout.scope import Scope
from penstock.semver import parse_version

if TYPE_CHECKING:
    from penstock.rest import MlflowClient
    from penstock.rest.entities import Experiment
    from penstock.semver import SemVer

    ExperimentId = str | int
    Version = str | tuple[int, int, int] | SemVer

LONGEST_NAME = 256
"""Characters of a registered model's name, which the submodel's becomes."""


def get_experiment(
    client: MlflowClient, experiment_id: ExperimentId | None, experiment_name: str | None
) -> Experiment:
    """Return the experiment of an id or a name; the id wins. Raises InvalidRollout without one."""
    found = _find(client, experiment_id, experiment_name)
    if found is None or found.lifecycle_stage != "active":
        asked = f"'{experiment_name}'" if experiment_id is None else f"with id {experiment_id!r}"
        state = "does not exist" if found is None else "is deleted: restore it first"
        raise InvalidRollout(f"experiment {asked} {state}")
    return found


def get_or_create_experiment(
    client: MlflowClient, experiment_id: ExperimentId | None, experiment_name: str | None
) -> Experiment:
    """Do the same, but make the experiment of a name that nobody has."""
    if experiment_id is None and _find(client, None, experiment_name) is None:
        try:
            return client.get_experiment(client.create_experiment(experiment_name or ""))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
    return get_experiment(client, experiment_id, experiment_name)


def get_named_scope(
    client: MlflowClient,
    version: object,
    experiment_id: ExperimentId | None,
    experiment_name: str | None,
    *,
    submodel_name: str | None,
) -> Scope:
    """Return the scope that the arguments name. Raises InvalidRollout for what is none."""
    parsed = parse_full_version(version)
    experiment = get_experiment(client, experiment_id, experiment_name)
    return Scope(experiment.experiment_id, check_submodel(submodel_name, experiment), parsed)


def parse_full_version(version: object) -> SemVer:
    """Return a full version. Raises InvalidRollout that names the value and the rule."""
    try:
        return parse_version(version)
    except ValueError as error:
        raise InvalidRollout(str(error)) from error


def check_submodel(submodel_name: object, experiment: Experiment) -> str:
    """Return the submodel's name, by default the experiment's. Raises InvalidRollout."""
    name = experiment.name if submodel_name is None else submodel_name
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise InvalidRollout(f"submodel_name must be a text of printable characters, not {name!r}")
    if name == "." or name.startswith(".."):
        raise InvalidRollout(
            f"submodel_name '{name[:50]}' cannot name a registered model: pass one that is not '.' "
            "and does not begin with '..'"
        )
    if len(encode_model_name(name)) > LONGEST_NAME:
        raise InvalidRollout(
            f"submodel_name '{name[:50]}…' is too long for the registered model of that name: "
            f"pass one of at most {LONGEST_NAME} characters (a '/' or ':' counts as three)"
        )
    return name


def _find(
    client: MlflowClient, experiment_id: ExperimentId | None, experiment_name: str | None
) -> Experiment | None:
    if experiment_id is None:
        if not isinstance(experiment_name, str) or not experiment_name:
            raise InvalidRollout(
                "pass experiment_id or experiment_name: which experiment is meant?"
            )
        return client.get_experiment_by_name(experiment_name)
    try:
        return client.get_experiment(str(experiment_id))
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise
