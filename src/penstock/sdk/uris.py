"""Where the model of a run is, and how it is registered."""

from typing import Final, Protocol

from penstock.models import RegisteredVersion, register_version
from penstock.rest import MlflowClient
from penstock.rest.opening import opened

FOLDER: Final = "model"


class _Named(Protocol):
    @property
    def run_id(self) -> str: ...


class RunLike(Protocol):
    """A run as MLflow's client and ours return it."""

    @property
    def info(self) -> _Named:
        """Where its id stands."""


def model_uri(run: RunLike | str, *, client: MlflowClient | None = None) -> str:
    """Return the deployment URI of the model of a run: the place of its files."""
    with opened(client) as server:
        artifacts = server.get_run(_run_id(run)).info.artifact_uri
    return f"{artifacts.rstrip('/')}/{FOLDER}"


def register_model(
    name: str, run: RunLike | str, *, client: MlflowClient | None = None
) -> RegisteredVersion:
    """Register the model of a run as the next version of a model, which is made if need be."""
    with opened(client) as server:
        source = model_uri(run, client=server)
        return register_version(server, name, source=source, run_id=_run_id(run))


def _run_id(run: RunLike | str) -> str:
    return run if isinstance(run, str) else run.info.run_id
