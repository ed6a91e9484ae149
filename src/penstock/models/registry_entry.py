"""Registers a saved model with its run: all of it, or nothing that remains visible."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from penstock.errors import MlflowException
from penstock.models.experiment import get_or_create_experiment
from penstock.models.model_data import ModelData
from penstock.models.registration import RegisteredVersion, register_version
from penstock.models.saved import save_model
from penstock.models.undo import Undo, undone_after_failure
from penstock.models.upload import FOLDER, UploadedModel, upload_saved_model
from penstock.rest import MlflowClient
from penstock.rest.entities import Metric, ModelVersion, Param

_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """Where a model is registered, and which tags its run and its version get."""

    experiment: str
    name: str
    tags: Mapping[str, str]


def register(
    client: MlflowClient, entry: RegistryEntry, given: ModelData, *, folder: Path | None = None
) -> RegisteredVersion:
    """Make a run, log to it, save and upload the model, and register it as the next version.

    The files are saved in `folder`, which must not hold anything; None means one that goes again.
    On any error the run ends FAILED, and model and version are removed.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="penstock-") as place:
            return register(client, entry, given, folder=Path(place, FOLDER))
    experiment_id = get_or_create_experiment(client, entry.experiment)
    with undone_after_failure() as undo:
        run_id = client.create_run(experiment_id, tags=dict(entry.tags)).info.run_id
        undo(partial(client.set_terminated, run_id, "FAILED"))
        params = [Param(key, str(value)) for key, value in given.params.items()]
        client.log_batch(run_id, params=params, synchronous=True)
        made = _upload(client, run_id, given, folder=folder)
        if made.model_id is not None:
            undo(partial(client.delete_logged_model, made.model_id))
        _log_metrics(client, made, given.metrics)
        version = _register(client, entry, made, undo=undo)
        client.set_terminated(run_id)
    return version


def _upload(client: MlflowClient, run_id: str, given: ModelData, *, folder: Path) -> UploadedModel:
    save_model(
        given.model,
        folder,
        flavour=given.flavor,
        signature=given.signature,
        input_example=given.input_example,
        **given.options,
    )
    return upload_saved_model(client, run_id, folder)


def _log_metrics(client: MlflowClient, made: UploadedModel, metrics: Mapping[str, float]) -> None:
    """Log metrics to the run and, where there is one, its logged model."""
    now = client.get_run(made.run_id).info.start_time
    values = [Metric(key, float(value), now, 0, made.model_id) for key, value in metrics.items()]
    client.log_batch(made.run_id, metrics=values, synchronous=True)


def _register(
    client: MlflowClient, entry: RegistryEntry, made: UploadedModel, *, undo: Undo
) -> RegisteredVersion:
    is_new = not is_registered(client, entry.name)
    undo(partial(_unregister, client, entry.name, made.run_id, is_new=is_new))
    return register_version(
        client, entry.name, source=made.model_uri, run_id=made.run_id, tags=dict(entry.tags)
    )


def is_registered(client: MlflowClient, name: str) -> bool:
    """Tell whether there is a registered model of this name."""
    try:
        client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != _UNKNOWN:
            raise
        return False
    return True


def _unregister(client: MlflowClient, name: str, run_id: str, *, is_new: bool) -> None:
    """Remove what a registration that failed has left."""
    if not is_registered(client, name):
        return
    for version in list_versions(client, name):
        if version.run_id == run_id:
            client.delete_model_version(name, version.version)
    if is_new and not list_versions(client, name):
        client.delete_registered_model(name)


def list_versions(client: MlflowClient, name: str) -> list[ModelVersion]:
    """Return all versions of a registered model; none where there is no such model."""
    mark = '"' if "'" in name else "'"
    return list(client.iter_model_versions(f"name = {mark}{name}{mark}"))
