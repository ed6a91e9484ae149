from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._family import Family
from penstock.rest._paging import iterate
from penstock.rest.entities.view_type import ViewType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest.entities import PagedList, Run

PAGE_SIZE = 1000
USER_TAG = "mlflow.user"
PARENT_TAG = "mlflow.parentRunId"


class Runs(Family):
    """Runs: make, find, end, delete."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: dict[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Create a run that is RUNNING; `start_time` in milliseconds since 1970, default now."""
        tags = tags or {}
        answer = self._tracking.post(
            "mlflow/runs/create",
            experiment_id=str(experiment_id),
            user_id=str(tags.get(USER_TAG, "unknown")),
            start_time=start_time or now_in_milliseconds(),
            run_name=run_name,
            tags=[{"key": key, "value": str(value)} for key, value in tags.items()],
        )
        return answer.one("run", entities.Run)

    def get_run(self, run_id: str) -> Run:
        """Return a run with its latest metrics, params, tags, inputs and outputs."""
        return self._tracking.get("mlflow/runs/get", run_id=run_id).one("run", entities.Run)

    def get_parent_run(self, run_id: str) -> Run | None:
        """Return the run that this one is nested in, or None."""
        parent_id = self.get_run(run_id).data.tags.get(PARENT_TAG)
        return None if parent_id is None else self.get_run(parent_id)

    def search_runs(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        experiment_ids: list[str],
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = PAGE_SIZE,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """Return one page of the runs that match, newest start first."""
        if isinstance(experiment_ids, str | int):
            experiment_ids = [experiment_ids]
        answer = self._tracking.post(
            "mlflow/runs/search",
            experiment_ids=[str(experiment_id) for experiment_id in experiment_ids],
            filter=filter_string,
            run_view_type=ViewType(run_view_type).name,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
        )
        return answer.page("runs", entities.Run)

    def iter_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        *,
        run_view_type: int = ViewType.ACTIVE_ONLY,
        order_by: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Run]:
        """Yield all runs that match, a page at a time."""
        wanted = [experiment_ids] if isinstance(experiment_ids, str) else list(experiment_ids)
        order = None if order_by is None else list(order_by)
        return iterate(
            lambda token: self.search_runs(
                wanted, filter_string, run_view_type, page_size, order, token
            )
        )

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Give a run a new status, a new name, or both."""
        if status is None and name is None:
            return
        # MLflow overwrites status and end time with what a call leaves out.
        info = self.get_run(run_id).info
        self._update_run(run_id, status or info.status, end_time=info.end_time, name=name)

    def set_terminated(
        self, run_id: str, status: str | None = None, end_time: int | None = None
    ) -> None:
        """End a run: FINISHED unless another status is given, now unless `end_time` is."""
        ended = end_time or now_in_milliseconds()
        self._update_run(run_id, status or "FINISHED", end_time=ended)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""
        self._tracking.post("mlflow/runs/delete", run_id=run_id)

    def restore_run(self, run_id: str) -> None:
        """Take back the deletion of a run."""
        self._tracking.post("mlflow/runs/restore", run_id=run_id)

    def _update_run(
        self, run_id: str, status: str, *, end_time: int | None, name: str | None = None
    ) -> None:
        known = [known.name for known in entities.RunStatus]
        if status not in known:
            raise MlflowException(
                f"'{status}' is no status of a run; use one of {', '.join(known)}",
                "INVALID_PARAMETER_VALUE",
            )
        self._tracking.post(
            "mlflow/runs/update", run_id=run_id, status=status, end_time=end_time, run_name=name
        )


def now_in_milliseconds() -> int:
    """Return the present time as MLflow counts it."""
    return time.time_ns() // 1_000_000
