from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest._arguments import as_items, as_text, as_whole_number, invalid
from penstock.rest._family import Family
from penstock.rest._server_version import LOGGED_MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penstock.rest.entities import DatasetInput, LoggedModelInput, LoggedModelOutput

OPTIONAL_FIELDS = ("source_type", "source", "schema", "profile")


class RunInputs(Family):
    """What runs read and made: datasets and logged models."""

    def log_inputs(
        self,
        run_id: str,
        datasets: Sequence[DatasetInput] | None = None,
        models: Sequence[LoggedModelInput] | None = None,
    ) -> None:
        """Log datasets and logged models that a run read."""
        read = [_dataset_input(item) for item in as_items(datasets, "datasets", "inputs")]
        used = [
            {"model_id": _attribute(item, "model_id", "models")}
            for item in as_items(models, "models", "inputs")
        ]
        run_id = as_text(run_id, "run_id")
        if used:
            # A server before MLflow 3 has this call as well, and would drop the models in silence.
            self._tracking.require(LOGGED_MODELS)
        self._tracking.post(
            "mlflow/runs/log-inputs", run_id=run_id, datasets=read or None, models=used or None
        )

    def log_outputs(self, run_id: str, models: list[LoggedModelOutput]) -> None:
        """Log logged models that a run made."""
        made = [_output(item) for item in as_items(models, "models", "outputs")]
        self._tracking.post(
            "mlflow/runs/outputs", run_id=as_text(run_id, "run_id"), models=made or None
        )


def _output(item: object) -> dict[str, Any]:
    step = as_whole_number(getattr(item, "step", 0), "step of an output")
    return {"model_id": _attribute(item, "model_id", "models"), "step": step}


def _dataset_input(item: object) -> dict[str, Any]:
    dataset = getattr(item, "dataset", None)
    if dataset is None:
        raise invalid(f"datasets must hold inputs (DatasetInput), not {type(item).__name__}")
    fields = {name: _attribute(dataset, name, "datasets") for name in ("name", "digest")}
    for name in OPTIONAL_FIELDS:
        value = getattr(dataset, name, None)
        if value:
            fields[name] = as_text(value, f"{name} of a dataset")
    tags = as_items(getattr(item, "tags", None), "tags of a dataset", "tags")
    return {"dataset": fields, "tags": [_tag_fields(tag) for tag in tags]}


def _tag_fields(tag: object) -> dict[str, str]:
    return {name: _attribute(tag, name, "tags of a dataset") for name in ("key", "value")}


def _attribute(item: object, name: str, holder: str) -> str:
    """Return a text of an entity, ours or one of `mlflow.entities`."""
    if not hasattr(item, name):
        raise invalid(f"{holder} hold a {type(item).__name__}, which has no '{name}'")
    return as_text(getattr(item, name), f"{name} of one of {holder}")
