from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._arguments import (
    as_identifier,
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

    from penstock.rest.entities import Experiment, PagedList

PAGE_SIZE = 1000


class Experiments(Family):
    """Experiments: make, find, change."""

    def create_experiment(
        self,
        name: str,
        artifact_location: str | None = None,
        tags: dict[str, Any] | None = None,
    ) -> str:
        """Create an experiment and return its id; the values of tags become text."""
        location = as_optional_text(artifact_location, "artifact_location")
        if location is not None and location.startswith("runs:"):
            raise invalid(f"artifact_location must not be the URI of a run, as '{location}' is")
        answer = self._tracking.post(
            "mlflow/experiments/create",
            name=as_text(name, "name"),
            artifact_location=location,
            tags=as_optional_labels(tags, "tags"),
        )
        return answer.one("experiment_id", str)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return the experiment with this id, also when it is deleted."""
        answer = self._tracking.get(
            "mlflow/experiments/get", experiment_id=as_identifier(experiment_id, "experiment_id")
        )
        return answer.one("experiment", entities.Experiment)

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of this name, also when it is deleted; None if there is none."""
        wanted = as_text(name, "name")
        try:
            answer = self._tracking.get("mlflow/experiments/get-by-name", experiment_name=wanted)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
        return answer.one("experiment", entities.Experiment)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int | None = PAGE_SIZE,
        filter_string: str | None = None,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Return one page of the experiments that match, newest change first."""
        answer = self._tracking.post(
            "mlflow/experiments/search",
            view_type=ViewType.name_of(view_type),
            max_results=as_optional_whole_number(max_results, "max_results"),
            filter=as_optional_text(filter_string, "filter_string"),
            order_by=as_texts(order_by, "order_by"),
            page_token=as_optional_text(page_token, "page_token"),
        )
        return answer.page("experiments", entities.Experiment)

    def iter_experiments(
        self,
        filter_string: str | None = None,
        *,
        view_type: int = ViewType.ACTIVE_ONLY,
        order_by: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Experiment]:
        """Yield all experiments that match, a page at a time."""
        order = as_texts(order_by, "order_by")
        return iterate(
            lambda token: self.search_experiments(view_type, page_size, filter_string, order, token)
        )

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment a new name, which no other one may have."""
        self._tracking.post(
            "mlflow/experiments/update",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
            new_name=as_text(new_name, "new_name"),
        )

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted."""
        self._tracking.post(
            "mlflow/experiments/delete", experiment_id=as_identifier(experiment_id, "experiment_id")
        )

    def restore_experiment(self, experiment_id: str) -> None:
        """Take back the deletion of an experiment."""
        self._tracking.post(
            "mlflow/experiments/restore",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
        )

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:  # noqa: ANN401
        """Set a tag of an experiment; the value is sent as text."""
        self._tracking.post(
            "mlflow/experiments/set-experiment-tag",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
            key=as_text(key, "key"),
            value=str(value),
        )

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment."""
        self._tracking.post(
            "mlflow/experiments/delete-experiment-tag",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
            key=as_text(key, "key"),
        )
