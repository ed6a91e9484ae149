import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from penstock.errors import NotMlflow, PenstockError, ServerTooOld
from penstock.models.flavour_choice import FlavourLike
from penstock.models.mlmodel import read_document, read_mlmodel, write_document
from penstock.models.saved import save_model
from penstock.rest import MlflowClient
from penstock.rest.entities import LoggedModel, LoggedModelOutput
from penstock.uris import ModelsUri, RunsUri

FOLDER: Final = "model"


@dataclass(frozen=True, slots=True)
class UploadedModel:
    """A model whose files a server has. `model_id` is None on servers before MLflow 3."""

    model_uri: str
    run_id: str
    artifact_path: str
    model_id: str | None = None
    flavours: tuple[str, ...] = ()


def upload_model(  # noqa: PLR0913 - all but the first three by keyword
    client: MlflowClient,
    run_id: str,
    model: Any,  # noqa: ANN401 - models of all makers
    *,
    name: str = FOLDER,
    flavour: FlavourLike | None = None,
    signature: Any = None,  # noqa: ANN401 - mlflow's own class, or what it says as a dictionary
    input_example: Any = None,  # noqa: ANN401 - whatever the model takes
    model_type: str | None = None,
    **options: Any,  # noqa: ANN401 - those of the flavour
) -> UploadedModel:
    """Save a model and upload it to a run, where MLflow's pages and clients find it.

    `name` is its folder among the run's artifacts. The rest is as in `save_model`.
    """
    with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
        path = Path(folder, FOLDER)
        given = {"signature": signature, "input_example": input_example, **options}
        save_model(model, path, flavour=flavour, **given)
        return upload_saved_model(client, run_id, path, name=name, model_type=model_type)


def upload_saved_model(
    client: MlflowClient,
    run_id: str,
    path: Path | str,
    *,
    name: str = FOLDER,
    model_type: str | None = None,
) -> UploadedModel:
    """Upload the folder of a saved model to a run; its `MLmodel` file then names that run.

    On MLflow 3 it becomes a logged model, on older servers a folder of the run and an entry of
    its models. Does not need mlflow.
    """
    folder = Path(path)
    read_mlmodel(folder)
    logged = _create_logged_model(client, run_id, name, model_type=model_type)
    if logged is None:
        return _upload_to_run(client, run_id, folder, name=name)
    return _upload_as_logged(client, run_id, folder, logged=logged)


def _upload_to_run(client: MlflowClient, run_id: str, folder: Path, *, name: str) -> UploadedModel:
    document = {**read_document(folder), "run_id": run_id, "artifact_path": name}
    write_document(folder, document)
    client.log_artifacts(run_id, folder, name)
    # The server itself adds it to the tag `mlflow.log-model.history`, which its pages read.
    model = json.dumps(document, default=str)
    client.mlflow_api_call("mlflow/runs/log-model", "POST", {"run_id": run_id, "model_json": model})
    flavours = tuple(document["flavors"])
    return UploadedModel(str(RunsUri(run_id, name)), run_id, name, flavours=flavours)


def _upload_as_logged(
    client: MlflowClient, run_id: str, folder: Path, *, logged: LoggedModel
) -> UploadedModel:
    model_id = logged.model_id
    document = {
        **read_document(folder),
        "run_id": run_id,
        "artifact_path": logged.artifact_location,
        "model_uuid": model_id,
        "model_id": model_id,
    }
    try:
        write_document(folder, document)
        client.log_outputs(run_id, [LoggedModelOutput(model_id)])
        client.log_model_artifacts(model_id, folder)
        client.finalize_logged_model(model_id, "READY")
    except BaseException as error:
        _give_up(client, model_id, error)
        raise
    return UploadedModel(
        str(ModelsUri(model_id=model_id)), run_id, logged.name, model_id, _flavours(document)
    )


def _flavours(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(document["flavors"])


def _give_up(client: MlflowClient, model_id: str, error: BaseException) -> None:
    """Mark a logged model that was not completed; where that fails too, the error says so."""
    try:
        client.finalize_logged_model(model_id, "FAILED")
    except PenstockError as second:
        error.add_note(f"the logged model {model_id} stays PENDING: {second}")


def _create_logged_model(
    client: MlflowClient, run_id: str, name: str, *, model_type: str | None
) -> LoggedModel | None:
    """Return a new logged model; None where the server has none yet: it is before MLflow 3."""
    run = client.get_run(run_id)
    try:
        return client.create_logged_model(
            run.info.experiment_id,
            name,
            run_id,
            params=run.data.params,
            model_type=model_type,
        )
    except (NotMlflow, ServerTooOld) as error:
        if error.get_http_status_code() == HTTPStatus.NOT_FOUND:
            return None
        raise
