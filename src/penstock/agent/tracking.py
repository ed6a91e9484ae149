"""Runs, one active at a time in each thread."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.agent.shared_client import SharedClient
from penstock.agent.singleton_meta import SingletonMeta
from penstock.errors import UnsuitableObject
from penstock.models.experiment import get_or_create_experiment
from penstock.rest.entities import Metric, Param, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run, RunInfo

PARENT_TAG = "mlflow.parentRunId"


class ActiveRun:
    """A run that was started here; as a context manager it ends the run."""

    def __init__(self, run: Run, client: MlflowClient) -> None:
        self.run = run
        self.client = client

    @property
    def info(self) -> RunInfo:
        """The run's id, name, experiment and start."""
        return self.run.info

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _end(self, "FINISHED" if kind is None else "FAILED")


class _Stack(threading.local):
    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []


class MLFlowTracking(metaclass=SingletonMeta):
    """Starts and ends runs and logs to the active one; methods of the class and of its instance.

    As a context manager it ends what was started inside, as FAILED where the block raises.
    """

    _active: ClassVar[_Stack] = _Stack()

    @classmethod
    def start_run(
        cls,
        experiment_name: str,
        run_name: str | None = None,
        *,
        tags: Mapping[str, Any] | None = None,
        nested: bool = False,
    ) -> ActiveRun:
        """Start a run; the experiment is made if need be. It is this thread's active run.

        Raises UnsuitableObject while another is active, unless this one is `nested` in it.
        """
        stack = cls._active.runs
        if stack and not nested:
            raise UnsuitableObject(
                f"run {stack[-1].info.run_id} is active: end it first, or pass nested=True"
            )
        client = SharedClient().get()
        labels = dict(tags or {})
        if stack:
            labels.setdefault(PARENT_TAG, stack[-1].info.run_id)
        experiment_id = get_or_create_experiment(client, experiment_name)
        run = client.create_run(experiment_id, tags=labels, run_name=run_name)
        stack.append(ActiveRun(run, client))
        return stack[-1]

    @classmethod
    def active_run(cls) -> ActiveRun | None:
        """Return this thread's active run, or None."""
        stack = cls._active.runs
        return stack[-1] if stack else None

    @classmethod
    def end_run(cls, status: str = "FINISHED") -> None:
        """End the active run; without one, nothing happens."""
        active = cls.active_run()
        if active is not None:
            _end(active, status)

    @classmethod
    def log_param(cls, key: str, value: Any) -> None:  # noqa: ANN401 - becomes text
        """Log a param of the active run."""
        cls.log_params_many({key: value})

    @classmethod
    def log_params_many(cls, params: Mapping[str, Any]) -> None:
        """Log params of the active run in one call."""
        active = cls._require()
        active.client.log_batch(
            active.info.run_id, params=[Param(key, str(value)) for key, value in params.items()]
        )

    @classmethod
    def log_metric(cls, key: str, value: float, step: int | None = None) -> None:
        """Log a metric of the active run."""
        active = cls._require()
        active.client.log_metric(active.info.run_id, key, value, step=step)

    @classmethod
    def log_metrics_many(cls, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics of the active run in one call, all at the same step and time."""
        active = cls._require()
        now = time.time_ns() // 1_000_000
        active.client.log_batch(
            active.info.run_id,
            metrics=[Metric(key, value, now, step or 0) for key, value in metrics.items()],
        )

    @classmethod
    def _require(cls) -> ActiveRun:
        active = cls.active_run()
        if active is None:
            raise UnsuitableObject("no run is active in this thread: call start_run first")
        return active

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self.active_run() is not None:
            self.end_run("FINISHED" if kind is None else "FAILED")


def _end(active: ActiveRun, status: str) -> None:
    stack = MLFlowTracking._active.runs  # noqa: SLF001 - of the same file
    if active in stack:
        # A run whose end is refused is still the active one, so that it can be ended.
        RunStatus.from_string(status)
        stack.remove(active)
        active.client.set_terminated(active.info.run_id, status)
