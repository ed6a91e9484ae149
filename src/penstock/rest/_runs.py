from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from penstock.rest import entities
from penstock.rest._arguments import (
    as_identifier,
    as_items,
    as_optional_labels,
    as_optional_text,
    as_optional_whole_number,
    as_text,
    as_texts,
    invalid,
)
from penstock.rest._family import Family
from penstock.rest._paging import iterate
from penstock.rest.entities.view_type import ViewType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest.entities import PagedList, Run, RunStatus

PAGE_SIZE = 1000
USER_TAG = "mlflow.user"
PARENT_TAG = "mlflow.parentRunId"
RUN_ID = re.compile(r"[a-zA-Z0-9][\w-]{0,255}")


class Runs(Family):
    """Runs: make, find, end, delete."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: dict[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Create a run that is RUNNING; `start_time` in milliseconds since 1970, default now.

        The values of tags become text.
        """
        labels = as_optional_labels(tags, "tags")
        answer = self._tracking.post(
            "mlflow/runs/create",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
            user_id=str((tags or {}).get(USER_TAG, "unknown")),
            start_time=as_optional_whole_number(start_time, "start_time") or now_in_milliseconds(),
            run_name=as_optional_text(run_name, "run_name"),
            tags=labels,
        )
        return answer.one("run", entities.Run)

    def get_run(self, run_id: str) -> Run:
        """Return a run with its latest metrics, params, tags, inputs and outputs."""
        if not RUN_ID.fullmatch(as_text(run_id, "run_id")):
            raise invalid(f"run_id must be the id of a run, not {run_id!r}")
        answer = self._tracking.get("mlflow/runs/get", run_id=run_id)
        return answer.one("run", entities.Run)

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
        answer = self._tracking.post(
            "mlflow/runs/search",
            experiment_ids=_experiment_ids(experiment_ids),
            filter=as_optional_text(filter_string, "filter_string"),
            run_view_type=ViewType.name_of(run_view_type),
            max_results=as_optional_whole_number(max_results, "max_results"),
            order_by=as_texts(order_by, "order_by"),
            page_token=as_optional_text(page_token, "page_token"),
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
        wanted = _experiment_ids(experiment_ids)
        order = as_texts(order_by, "order_by")
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
        ended = as_optional_whole_number(end_time, "end_time") or now_in_milliseconds()
        self._update_run(run_id, status or "FINISHED", end_time=ended)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""
        self._tracking.post("mlflow/runs/delete", run_id=as_text(run_id, "run_id"))

    def restore_run(self, run_id: str) -> None:
        """Take back the deletion of a run."""
        self._tracking.post("mlflow/runs/restore", run_id=as_text(run_id, "run_id"))

    def _update_run(
        self, run_id: str, status: str, *, end_time: int | None, name: str | None = None
    ) -> None:
        self._writing.flush(run_id)
        self._tracking.post(
            "mlflow/runs/update",
            run_id=as_text(run_id, "run_id"),
            status=_status_name(status),
            end_time=end_time,
            run_name=as_optional_text(name, "name"),
        )


def _experiment_ids(given: object) -> list[str]:
    if isinstance(given, str | int):
        return [as_identifier(given, "experiment_ids")]
    if given is None:
        raise invalid("experiment_ids is missing: pass a list of ids")
    items = as_items(given, "experiment_ids", "ids")
    return [as_identifier(item, "each of experiment_ids") for item in items]


def _status_name(status: str | RunStatus) -> str:
    statuses = entities.RunStatus
    found = (
        status if isinstance(status, statuses) else statuses.from_string(as_text(status, "status"))
    )
    return found.name


def now_in_milliseconds() -> int:
    """Return the present time as MLflow counts it."""
    return time.time_ns() // 1_000_000
