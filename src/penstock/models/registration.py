import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from penstock.errors import MlflowException, NotMlflow, ServerTooOld
from penstock.models.mlmodel import MLMODEL
from penstock.rest import MlflowClient
from penstock.rest.entities import LoggedModel, ModelVersion
from penstock.uris import ModelsUri, RunsUri, parse_models_uri, parse_runs_uri

VERSIONS_TAG: Final = "mlflow.modelVersions"
LONGEST_WAIT: Final = 300
_EXISTS: Final = "RESOURCE_ALREADY_EXISTS"


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of a registered model; `model_uri` is `models:/{name}/{version}`."""

    name: str
    version: str
    run_id: str | None
    model_uri: str


def register_version(  # noqa: PLR0913 - all but the first two by keyword
    client: MlflowClient,
    name: str,
    *,
    source: str | None = None,
    run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
    wait_seconds: int = LONGEST_WAIT,
) -> RegisteredVersion:
    """Register an uploaded model as the next version of a model, which is made if needed.

    `source` is its URI: `models:/{model_id}`, `runs:/{run_id}/{path}`, or an artifact URI; without
    one it is the folder `model` of the run `run_id`. Returns when the version is READY, and raises
    MlflowException when it is not after `wait_seconds`.
    """
    origin = _find_origin(client, source, run_id)
    _ensure_model(client, name)
    made = client.create_model_version(
        name,
        origin.uri,
        origin.run_id,
        tags,
        description=description,
        await_creation_for=wait_seconds,
        model_id=origin.model_id,
    )
    if origin.logged is not None:
        _link(client, origin.logged, made)
    return describe_version(made)


def describe_version(version: ModelVersion) -> RegisteredVersion:
    """Return what names a version."""
    uri = ModelsUri(version.name, version=int(version.version))
    return RegisteredVersion(version.name, version.version, version.run_id or None, str(uri))


@dataclass(frozen=True, slots=True)
class _Origin:
    uri: str
    run_id: str | None
    logged: LoggedModel | None = None

    @property
    def model_id(self) -> str | None:
        return None if self.logged is None else self.logged.model_id


def _find_origin(client: MlflowClient, source: str | None, run_id: str | None) -> _Origin:
    if source is None and run_id is None:
        raise MlflowException(
            "nothing to register: pass source, the URI of a model, or run_id",
            "INVALID_PARAMETER_VALUE",
        )
    uri = source or str(RunsUri(run_id or "", "model"))
    try:
        if uri.startswith("models:"):
            return _origin_in_models(client, uri, run_id)
        if uri.startswith("runs:"):
            return _origin_in_run(client, parse_runs_uri(uri))
    except ValueError as error:
        raise MlflowException(str(error), "INVALID_PARAMETER_VALUE") from error
    return _Origin(uri, run_id)


def _origin_in_models(client: MlflowClient, uri: str, run_id: str | None) -> _Origin:
    model_id = parse_models_uri(uri).model_id
    if model_id is None:
        return _Origin(uri, run_id)
    logged = client.get_logged_model(model_id)
    return _Origin(uri, run_id or logged.source_run_id or None, logged)


def _origin_in_run(client: MlflowClient, uri: RunsUri) -> _Origin:
    run = client.get_run(uri.run_id)
    logged = _find_logged_model(client, run.info.experiment_id, uri)
    if logged is not None:
        return _Origin(logged.model_uri, uri.run_id, logged)
    if not any(file.path.endswith(MLMODEL) for file in client.list_artifacts(uri.run_id, uri.path)):
        raise MlflowException(
            f"there is no model at {uri}: upload one first", "RESOURCE_DOES_NOT_EXIST"
        )
    return _Origin(f"{run.info.artifact_uri}/{uri.path}", uri.run_id)


def _find_logged_model(
    client: MlflowClient, experiment_id: str, uri: RunsUri
) -> LoggedModel | None:
    """Return the newest logged model of this name that a run made; older servers have none."""
    try:
        found = client.search_logged_models(
            [experiment_id], filter_string=f"source_run_id = '{uri.run_id}'"
        )
    except (NotMlflow, ServerTooOld) as error:
        if error.get_http_status_code() == HTTPStatus.NOT_FOUND:
            return None
        raise
    named = [model for model in found if model.name == uri.path]
    return max(named, key=lambda model: model.creation_timestamp, default=None)


def _ensure_model(client: MlflowClient, name: str) -> None:
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != _EXISTS:
            raise


def _link(client: MlflowClient, logged: LoggedModel, version: ModelVersion) -> None:
    """Name the version on its logged model, where MLflow's pages look for it."""
    told = json.loads(logged.tags.get(VERSIONS_TAG, "[]"))
    told.append({"name": version.name, "version": version.version})
    client.set_logged_model_tags(logged.model_id, {VERSIONS_TAG: json.dumps(told)})
