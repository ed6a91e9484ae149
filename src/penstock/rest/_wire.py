"""Values as MLflow's JSON writes them. Pure."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

from penstock.errors import MlflowException


class KeyValue(Protocol):
    """A param or tag, ours or one of `mlflow.entities`."""

    @property
    def key(self) -> str: ...

    @property
    def value(self) -> Any: ...  # noqa: ANN401 - text is made of it


class MetricLike(KeyValue, Protocol):
    """A metric, ours or one of `mlflow.entities`; older ones lack the last attributes."""

    @property
    def timestamp(self) -> int: ...

    @property
    def step(self) -> int: ...


def metric_fields(metric: MetricLike) -> dict[str, Any]:
    """Return what is sent of a metric."""
    fields = {
        "key": metric.key,
        "value": wire_number(as_number(metric.value, metric.key)),
        "timestamp": as_integer(metric.timestamp, "timestamp"),
        "step": as_integer(metric.step, "step"),
    }
    for name in ("model_id", "dataset_name", "dataset_digest"):
        value = getattr(metric, name, None)
        if value:
            fields[name] = value
    check_dataset(fields)
    return fields


def check_dataset(fields: Mapping[str, Any]) -> None:
    """Refuse half of what names the dataset of a metric; older servers would take it."""
    if ("dataset_name" in fields) != ("dataset_digest" in fields):
        raise MlflowException(
            "dataset_name and dataset_digest of a metric belong together: pass both, or none",
            "INVALID_PARAMETER_VALUE",
        )


def label_fields(label: KeyValue) -> dict[str, str]:
    """Return what is sent of a param or tag."""
    return {"key": label.key, "value": str(label.value)}


def as_number(value: Any, key: str) -> float:  # noqa: ANN401 - arrays and tensors of all makers
    """Return a number, or the only element of an array or tensor, as a float."""
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MlflowException(
            f"metric '{key}' needs a number, or an array of one element: {error}",
            "INVALID_PARAMETER_VALUE",
        ) from error


def as_integer(value: Any, name: str) -> int:  # noqa: ANN401 - integers of all makers
    """Return a whole number of any kind as an integer."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MlflowException(
            f"'{name}' needs a whole number: {error}", "INVALID_PARAMETER_VALUE"
        ) from error


def wire_number(value: float) -> float | str:
    """Return a number; NaN and infinities are strings in protobuf's JSON."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
