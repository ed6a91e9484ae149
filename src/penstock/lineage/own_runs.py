"""The runs that one tracker has begun, and that it ends."""

import os
import sys
from typing import Any, Final

from penstock.errors import LineageError, PenstockError
from penstock.rest import MlflowClient
from penstock.rest.entities import Run, RunStatus

PARENT_TAG: Final = "mlflow.parentRunId"
PARENT_MARK: Final = "parent_run"
_SOURCE_TAG: Final = "mlflow.source.name"


class OwnRuns:
    """Begins runs and ends each of them once. In the child of a fork it has none."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._open: dict[str, int] = {}
        self._is_stopped = False

    def begin(self, experiment_id: str) -> Run:
        """Begin the run that holds everything but experiments."""
        tags = {PARENT_MARK: "True", _SOURCE_TAG: sys.argv[0] or "python"}
        return self._note(self._client.create_run(experiment_id, tags=tags))

    def resume(self, run_id: str) -> Run:
        """Go on with a run that was begun before, by a process that did not come to its end."""
        run = self._client.get_run(run_id)
        if run.data.tags.get(PARENT_MARK) != "True":
            raise LineageError(
                f"run {run_id} was not begun by a tracker; leave mlflow_run_id out to begin one"
            )
        if run.info.status != RunStatus.RUNNING.name:
            self._client.update_run(run_id, RunStatus.RUNNING.name)
        return self._note(run)

    def nest(self, parent: Run) -> Run:
        """Begin a run below another one."""
        if self._is_stopped:
            raise LineageError("this tracker has been stopped; make a new one to log more")
        tags = {PARENT_TAG: parent.info.run_id, _SOURCE_TAG: sys.argv[0] or "python"}
        return self._note(self._client.create_run(parent.info.experiment_id, tags=tags))

    def end(self, run_id: str, status: str) -> None:
        """End one run; one that has ended already stays as it is."""
        if self._open.pop(run_id, None) == os.getpid():
            self._client.set_terminated(run_id, status)
            return
        if not has_ended(self._client.get_run(run_id)):
            self._client.set_terminated(run_id, status)

    def stop(self, status: str) -> None:
        """End all that are still open, the last begun first, and begin no more.

        Tries all of them; raises the first problem there was.
        """
        self._is_stopped = True
        problems: list[PenstockError] = []
        for run_id in reversed(list(self._open)):
            if self._open.pop(run_id, None) != os.getpid():
                continue
            try:
                self._client.set_terminated(run_id, status)
            except PenstockError as error:
                problems.append(error)
        if problems:
            raise problems[0]

    @property
    def is_stopped(self) -> bool:
        """Tell whether all were ended."""
        return self._is_stopped

    def _note(self, run: Run) -> Run:
        self._open[run.info.run_id] = os.getpid()
        return run

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_open": {}}


def has_ended(run: Run) -> bool:
    """Tell whether a run is over."""
    return run.info.status in {
        RunStatus.FINISHED.name,
        RunStatus.FAILED.name,
        RunStatus.KILLED.name,
    }
