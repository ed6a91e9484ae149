from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.rest._family import Family
from penstock.rest._operations import RunOperations, finish
from penstock.rest._runs import now_in_milliseconds
from penstock.rest._wire import as_number, label_fields, metric_fields, wire_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from penstock.rest._wire import KeyValue, MetricLike


class RunLogging(Family):
    """Logging to a run: metrics, params and tags.

    With `synchronous=False` a method returns an operation whose `.wait()` tells of a refusal.
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
        write = partial(
            self._tracking.post,
            "mlflow/runs/log-metric",
            run_id=run_id,
            key=key,
            value=wire_number(as_number(value, key)),
            timestamp=now_in_milliseconds() if timestamp is None else int(timestamp),
            step=0 if step is None else int(step),
            model_id=model_id,
            dataset_name=dataset_name,
            dataset_digest=dataset_digest,
        )
        return _write(write, synchronous=synchronous)

    def log_param(
        self,
        run_id: str,
        key: str,
        value: Any,  # noqa: ANN401 - text is made of it
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> Any:  # noqa: ANN401 - MLflow's signature
        """Log a param, sent as text, and return its value. A logged param cannot change."""
        write = partial(
            self._tracking.post,
            "mlflow/runs/log-parameter",
            run_id=run_id,
            key=key,
            value=str(value),
        )
        operation = _write(write, synchronous=synchronous)
        return value if operation is None else operation

    def set_tag(
        self,
        run_id: str,
        key: str,
        value: Any,  # noqa: ANN401 - text is made of it
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> RunOperations | None:
        """Set a tag, sent as text."""
        write = partial(
            self._tracking.post, "mlflow/runs/set-tag", run_id=run_id, key=key, value=str(value)
        )
        return _write(write, synchronous=synchronous)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        self._tracking.post("mlflow/runs/delete-tag", run_id=run_id, key=key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[MetricLike] = (),
        params: Sequence[KeyValue] = (),
        tags: Sequence[KeyValue] = (),
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> RunOperations | None:
        """Log many metrics, params and tags in as few calls as MLflow allows."""
        if not (metrics or params or tags):
            return None
        write = partial(self._log_batch, run_id, metrics=metrics, params=params, tags=tags)
        return _write(write, synchronous=synchronous)

    def _log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[MetricLike],
        params: Sequence[KeyValue],
        tags: Sequence[KeyValue],
    ) -> None:
        # The JSON library: a client that was only made does not pay for it.
        from penstock.rest._batches import cut_batches  # noqa: PLC0415

        for batch in cut_batches(
            metrics=[metric_fields(metric) for metric in metrics],
            params=[label_fields(param) for param in params],
            tags=[label_fields(tag) for tag in tags],
        ):
            self._tracking.post("mlflow/runs/log-batch", run_id=run_id, **batch.fields())


def _write(write: Callable[[], object], *, synchronous: bool | None) -> RunOperations | None:
    if synchronous is False:
        return finish(write)
    write()
    return None
