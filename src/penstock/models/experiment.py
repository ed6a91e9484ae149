from typing import Final

from penstock.errors import MlflowException, PermissionDenied
from penstock.rest import MlflowClient
from penstock.rest.entities import Experiment

_EXISTS: Final = "RESOURCE_ALREADY_EXISTS"


def get_or_create_experiment(client: MlflowClient, name: str) -> str:
    """Return the id of an experiment, which is made if needed.

    Raises PermissionDenied where there is one that may not be seen, MlflowException where it is
    deleted.
    """
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name)
        except MlflowException as error:
            if error.error_code != _EXISTS:
                raise
            found = _get_existing(client, name, error)
    if found.lifecycle_stage != "active":
        raise MlflowException(
            f"experiment '{name}' is deleted; restore it, or use another name", "INVALID_STATE"
        )
    return found.experiment_id


def _get_existing(client: MlflowClient, name: str, error: MlflowException) -> Experiment:
    """Return the experiment that somebody else was quicker to make."""
    found = client.get_experiment_by_name(name)
    if found is None:
        raise PermissionDenied(
            f"there is an experiment '{name}' that you may not see; ask its owner for a grant, or "
            "use another name",
            "PERMISSION_DENIED",
        ) from error
    return found
