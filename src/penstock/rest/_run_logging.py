from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from penstock.rest._arguments import as_text
from penstock.rest._family import Family
from penstock.rest._operations import RunOperations, finish
from penstock.rest._runs import now_in_milliseconds
from penstock.rest._wire import (
    as_integer,
    as_number,
    check_dataset,
    label_fields,
    metric_fields,
    wire_number,
)
from penstock.rest.writer.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penstock.rest._wire import KeyValue, MetricLike

ASYNC_SETTING = "MLFLOW_ENABLE_ASYNC_LOGGING"

Entries = list[tuple[Kind, dict[str, Any]]]


class RunLogging(Family):
    """Logging to a run: metrics, params and tags.

    With `synchronous=False` a method returns at once, and an operation whose `.wait()` tells of a
    refusal; with None it does so if MLFLOW_ENABLE_ASYNC_LOGGING is true. It then raises QueueFull
    where nobody has room, and SpoolError where the disk refuses an item, once until it takes one
    again; the item is sent from memory.
    """

    def log_metric(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> RunOperations | None:
        """Log one value of a metric; `timestamp` in milliseconds since 1970, default now."""
        fields: dict[str, Any] = {
            "key": key,
            "value": wire_number(as_number(value, key)),
            "timestamp": now_in_milliseconds()
            if timestamp is None
            else as_integer(timestamp, "timestamp"),
            "step": 0 if step is None else as_integer(step, "step"),
        }
        if dataset_name is not None or dataset_digest is not None or model_id is not None:
            origin = {
                "dataset_name": dataset_name,
                "dataset_digest": dataset_digest,
                "model_id": model_id,
            }
            fields |= {name: text for name, text in origin.items() if text is not None}
            check_dataset(fields)
        if is_synchronous(synchronous):
            self._tracking.post("mlflow/runs/log-metric", run_id=run_id, **fields)
            return None
        return self._log_later(run_id, [(Kind.METRIC, fields)])

    def log_param(
        self,
        run_id: str,
        key: str,
        value: Any,  # noqa: ANN401 - text is made of it
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> Any:  # noqa: ANN401 - MLflow's signature
        """Log a param, sent as text, and return its value. A logged param cannot change."""
        fields = {"key": key, "value": str(value)}
        if not is_synchronous(synchronous):
            return self._log_later(run_id, [(Kind.PARAM, fields)])
        self._writing.flush(run_id)
        self._tracking.post("mlflow/runs/log-parameter", run_id=run_id, **fields)
        return value

    def set_tag(
        self,
        run_id: str,
        key: str,
        value: Any,  # noqa: ANN401 - text is made of it
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> RunOperations | None:
        """Set a tag, sent as text."""
        fields = {"key": key, "value": str(value)}
        if not is_synchronous(synchronous):
            return self._log_later(run_id, [(Kind.TAG, fields)])
        self._writing.flush(run_id)
        self._tracking.post("mlflow/runs/set-tag", run_id=run_id, **fields)
        self._writing.note_tag(run_id, key)
        return None

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        self._writing.flush(run_id)
        self._tracking.post("mlflow/runs/delete-tag", run_id=run_id, key=key)
        self._writing.note_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[MetricLike] = (),
        params: Sequence[KeyValue] = (),
        tags: Sequence[KeyValue] = (),
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> RunOperations | None:
        """Log many metrics, params and tags in as few calls as MLflow allows."""
        entries: Entries = [
            *((Kind.PARAM, label_fields(param)) for param in params),
            *((Kind.TAG, label_fields(tag)) for tag in tags),
            *((Kind.METRIC, metric_fields(metric)) for metric in metrics),
        ]
        if not entries:
            return None
        if not is_synchronous(synchronous):
            return self._log_later(run_id, entries)
        self._writing.flush(run_id)
        self._log_now(run_id, entries)
        return None

    def _log_later(self, run_id: str, entries: Entries) -> RunOperations:
        writer = self._writing.writer()
        if writer is None:
            return finish(lambda: self._log_now(run_id, entries))
        return writer.log(as_text(run_id, "run_id"), entries)

    def _log_now(self, run_id: str, entries: Entries) -> None:
        # The JSON library: a client that was only made does not pay for it.
        from penstock.rest._batches import cut_batches  # noqa: PLC0415

        fields: dict[str, list[dict[str, Any]]] = {}
        for kind, item in entries:
            fields.setdefault(kind.field, []).append(item)
        for batch in cut_batches(**fields):
            self._tracking.post("mlflow/runs/log-batch", run_id=run_id, **batch.fields())
        for tag in fields.get(Kind.TAG.field, ()):
            self._writing.note_tag(run_id, tag["key"])


def is_synchronous(wanted: bool | None) -> bool:  # noqa: FBT001 - as the methods are given it
    """Tell whether a call returns only when the server has answered: MLflow's default decides.

    Its setting is read at each call, and from the environment alone, as in MLflow.
    """
    if wanted is not None:
        return wanted
    return os.environ.get(ASYNC_SETTING, "").lower() not in {"true", "1"}
