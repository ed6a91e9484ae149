"""What is known of a model: its run's params and metrics, and the data it was trained on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException

if TYPE_CHECKING:
    from penstock.models.resolution import Resolution
    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run

CONTEXT_TAG = "mlflow.data.context"


def describe_version_fully(client: MlflowClient, name: str, version: str) -> dict[str, Any]:
    """Return a version with its run's params, metrics and data.

    Keys: name, version, stage, aliases, description, tags, status, source, run_id, created (in
    milliseconds since 1970), params, metrics, data. Without a run the last three are empty.
    """
    found = client.get_model_version(name, version)
    return {
        "name": found.name,
        "version": found.version,
        "stage": found.current_stage,
        "aliases": list(found.aliases),
        "description": found.description,
        "tags": dict(found.tags),
        "status": found.status,
        "source": found.source,
        "run_id": found.run_id or None,
        "created": found.creation_timestamp,
        **_describe_run(client, found.run_id),
    }


def describe_model(client: MlflowClient, resolution: Resolution) -> dict[str, Any]:
    """Return whatever model a reference means, with its run's params, metrics and data.

    Keys: name, version, uri, run_id, params, metrics, data. Without a run the last three are empty.
    """
    return {
        "name": resolution.name,
        "version": resolution.version,
        "uri": resolution.model_uri,
        "run_id": resolution.run_id,
        **_describe_run(client, resolution.run_id),
    }


def describe_data(run: Run) -> list[dict[str, Any]]:
    """Return the data sets that a run has logged as its inputs.

    Keys: name, digest, context ("training", "testing", … or None), source_type, source, profile
    (a dictionary where MLflow holds one, as of the number of rows), schema.
    """
    return [
        {
            "name": one.dataset.name,
            "digest": one.dataset.digest,
            "context": next((tag.value for tag in one.tags if tag.key == CONTEXT_TAG), None),
            "source_type": one.dataset.source_type,
            "source": one.dataset.source,
            "profile": _parsed(one.dataset.profile),
            "schema": _parsed(one.dataset.schema),
        }
        for one in run.inputs.dataset_inputs
    ]


def _describe_run(client: MlflowClient, run_id: str | None) -> dict[str, Any]:
    run = _find_run(client, run_id)
    return {
        "params": {} if run is None else dict(run.data.params),
        "metrics": {} if run is None else dict(run.data.metrics),
        "data": [] if run is None else describe_data(run),
    }


def _find_run(client: MlflowClient, run_id: str | None) -> Run | None:
    """Return the run of a version; None where it has none, or it was removed for good."""
    if not run_id:
        return None
    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def _parsed(text: str | None) -> Any:  # noqa: ANN401 - JSON is any
    """Return MLflow's JSON as values, or the text itself where it is none."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
