"""What is known of a version: its run's params and metrics, and the data it was trained on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException

if TYPE_CHECKING:
    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run

CONTEXT_TAG = "mlflow.data.context"


def describe_version_fully(client: MlflowClient, name: str, version: str) -> dict[str, Any]:
    """Return a version with its run's params, metrics and data.

    Keys: name, version, stage, aliases, description, tags, status, source, run_id, created (in
    milliseconds since 1970), params, metrics, data. Without a run the last three are empty.
    """
    found = client.get_model_version(name, version)
    run = _find_run(client, found.run_id)
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
        "params": {} if run is None else dict(run.data.params),
        "metrics": {} if run is None else dict(run.data.metrics),
        "data": [] if run is None else describe_data(run),
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


def compare_details(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return two versions side by side.

    `models` are the two, each `name/version`; `params`, `metrics` and `data` map each key, or the
    name of a data set, to its two values, None where one has it not; `different` lists the keys
    whose values differ, by part.
    """
    sides = [_parts(first), _parts(second)]
    parts = {
        part: {
            key: [side[part].get(key) for side in sides]
            for key in sorted({key for side in sides for key in side[part]})
        }
        for part in ("params", "metrics", "data")
    }
    different = {
        part: [key for key, (one, other) in rows.items() if one != other]
        for part, rows in parts.items()
    }
    models = [f"{one['name']}/{one['version']}" for one in (first, second)]
    return {"models": models, **parts, "different": different}


def _parts(details: dict[str, Any]) -> dict[str, dict[str, Any]]:
    data = {one["name"]: one["digest"] for one in details["data"]}
    return {"params": details["params"], "metrics": details["metrics"], "data": data}


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
