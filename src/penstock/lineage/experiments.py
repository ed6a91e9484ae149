from typing import Final

from penstock.errors import LineageError, MlflowException, UnknownResource
from penstock.rest import MlflowClient

_EXISTS: Final = "RESOURCE_ALREADY_EXISTS"


def get_or_create_experiment(client: MlflowClient, name: str) -> str:
    """Return the id of the experiment of a name; several may ask for a new one at once."""
    found = find_experiment(client, name)
    if found is not None:
        return found
    try:
        return client.create_experiment(name)
    except MlflowException as error:
        if error.error_code != _EXISTS:
            raise
        return get_experiment(client, name)


def get_experiment(client: MlflowClient, name: str) -> str:
    """Return the id of the experiment of a name. Raises UnknownResource without one."""
    found = find_experiment(client, name)
    if found is None:
        raise UnknownResource(
            f"there is no experiment '{name}', or you may not see it; check its name and your login"
        )
    return found


def find_experiment(client: MlflowClient, name: str) -> str | None:
    """Return the id of the experiment of a name, or None. Raises LineageError if it is deleted."""
    found = client.get_experiment_by_name(name)
    if found is None:
        return None
    if found.lifecycle_stage != "active":
        raise LineageError(
            f"experiment '{name}' is deleted; restore it, or use another mlflow_experiment_name"
        )
    return found.experiment_id
