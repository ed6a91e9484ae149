"""Log a model in the way that a deployment finds it again."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from penstock.config import load_config
from penstock.errors import MlflowException, PenstockError, TransferFailed
from penstock.models import save_model
from penstock.models.experiment import get_or_create_experiment
from penstock.models.flavour_choice import FlavourLike
from penstock.rest import MlflowClient
from penstock.rest.opening import opened
from penstock.sdk.uris import FOLDER, model_uri

MLMODEL: Final = "MLmodel"
RUN_SETTING: Final = "MLFLOW_RUN_ID"


def log_model(  # noqa: PLR0913 - all but the first two by keyword
    model: Any,  # noqa: ANN401 - models of all makers
    flavor: FlavourLike | None = None,
    *,
    run_id: str | None = None,
    experiment_name: str | None = None,
    tags: Mapping[str, Any] | None = None,
    client: MlflowClient | None = None,
    **options: Any,  # noqa: ANN401 - those of the flavour
) -> str:
    """Save a model, upload it to a run, and return its deployment URI.

    The run is `run_id`, else the one that is active in mlflow if the process uses it, else that of
    MLFLOW_RUN_ID, else a new one in `experiment_name`, which ends with the call. The URI is
    `mlflow-artifacts:/{experiment_id}/{run_id}/artifacts/model`, or that place in the
    experiment's own artifact store. `options` are those of the flavour's `save_model`.
    Raises TransferFailed where the uploaded model is not complete.
    """
    with tempfile.TemporaryDirectory(prefix="penstock-") as place, opened(client) as server:
        folder = Path(place, FOLDER)
        save_model(model, folder, flavour=flavor, **options)
        with _run(server, run_id, experiment_name, tags=tags) as chosen:
            server.log_artifacts(chosen, folder, FOLDER)
            _verify(server, chosen)
            return model_uri(chosen, client=server)


def _verify(client: MlflowClient, run_id: str) -> None:
    files = {file.path for file in client.list_artifacts(run_id, FOLDER)}
    if f"{FOLDER}/{MLMODEL}" not in files:
        raise TransferFailed(
            f"run {run_id}: the model's {MLMODEL} file is not on the server; log it again",
            "INTERNAL_ERROR",
            failures={},
        )


@contextmanager
def _run(
    client: MlflowClient,
    run_id: str | None,
    experiment_name: str | None,
    *,
    tags: Mapping[str, Any] | None,
) -> Iterator[str]:
    """Yield the id of the run; a run made here ends with the block."""
    found = run_id or _active_in_mlflow() or load_config().get(RUN_SETTING)
    if found is not None:
        for key, value in (tags or {}).items():
            client.set_tag(found, key, value)
        yield found
        return
    made = client.create_run(_get_or_create(client, experiment_name), tags=dict(tags or {}))
    try:
        yield made.info.run_id
    except BaseException as error:
        _fail(client, made.info.run_id, error)
        raise
    client.set_terminated(made.info.run_id)


def _active_in_mlflow() -> str | None:
    """Return the run that is active in mlflow, which is never imported here."""
    mlflow = sys.modules.get("mlflow")
    active = None if mlflow is None else mlflow.active_run()
    return None if active is None else str(active.info.run_id)


def _get_or_create(client: MlflowClient, name: str | None) -> str:
    if name is None:
        raise MlflowException(
            "which run is it for? Pass run_id or experiment_name, or start a run first",
            "INVALID_PARAMETER_VALUE",
        )
    return get_or_create_experiment(client, name)


def _fail(client: MlflowClient, run_id: str, error: BaseException) -> None:
    try:
        client.set_terminated(run_id, "FAILED")
    except PenstockError as second:
        error.add_note(f"run {run_id} stays RUNNING: {second}")
