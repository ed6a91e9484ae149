"""Which experiments a command is about."""

from collections.abc import Iterator

from penstock.cli.rollout.names import near
from penstock.cli.rollout.which import Which
from penstock.errors import ConfigurationError, InvalidRollout, MlflowException
from penstock.rest import MlflowClient
from penstock.rest.entities import Experiment
from penstock.rollout.codec import PREFIX

MISSING = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})


def list_experiments(client: MlflowClient, which: Which) -> list[Experiment]:
    """Return the experiment that is named, or all that have a plan."""
    found = find_experiment(client, which)
    return list(_iter_with_plans(client)) if found is None else [found]


def find_experiment(client: MlflowClient, which: Which) -> Experiment | None:
    """Return the experiment that is named; None if none is. Raises InvalidRollout for no such."""
    if which.experiment_id is not None:
        if which.experiment is not None:
            raise ConfigurationError("pass either --experiment or --experiment-id, not both")
        return _get_by_id(client, which.experiment_id)
    return None if which.experiment is None else _get_by_name(client, which.experiment)


def _iter_with_plans(client: MlflowClient) -> Iterator[Experiment]:
    for experiment in client.iter_experiments():
        if any(tag.startswith(PREFIX) for tag in experiment.tags):
            yield experiment


def _get_by_name(client: MlflowClient, name: str) -> Experiment:
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage == "active":
        return found
    if found is not None:
        raise InvalidRollout(f"experiment '{name}' is deleted: restore it first")
    known = [experiment.name for experiment in client.iter_experiments()]
    raise InvalidRollout(f"there is no experiment '{name}'{near(name, known)}")


def _get_by_id(client: MlflowClient, experiment_id: str) -> Experiment:
    try:
        found = client.get_experiment(experiment_id)
    except MlflowException as error:
        if error.error_code in MISSING:
            raise InvalidRollout(f"there is no experiment with the id '{experiment_id}'") from error
        raise
    if found.lifecycle_stage != "active":
        raise InvalidRollout(f"experiment {experiment_id} is deleted: restore it first")
    return found
