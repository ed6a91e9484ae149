from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest.entities import LoggedModel, LoggedModelStatus, PagedList

MOST_PARAMS = 100
DATASET_FIELDS = ("dataset_name", "dataset_digest")


class LoggedModels(Family):
    """Logged models (MLflow 3): make, find, finish, delete."""

    def create_logged_model(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Make a logged model that is PENDING; the server makes up a name if none is given.

        The values of tags and params become text.
        """
        labels = as_optional_labels(params, "params")
        answer = self._tracking.post(
            "mlflow/logged-models",
            experiment_id=as_identifier(experiment_id, "experiment_id"),
            name=as_optional_text(name, "name"),
            model_type=as_optional_text(model_type, "model_type"),
            source_run_id=as_optional_text(source_run_id, "source_run_id"),
            params=labels[:MOST_PARAMS],
            tags=as_optional_labels(tags, "tags"),
        )
        model = answer.one("model", entities.LoggedModelRecord).to_model()
        if len(labels) <= MOST_PARAMS:
            return model
        self._log_model_params(model.model_id, labels[MOST_PARAMS:])
        return self.get_logged_model(model.model_id)

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return the logged model with this id."""
        answer = self._tracking.get(model_endpoint(model_id))
        return answer.one("model", entities.LoggedModelRecord).to_model()

    def search_logged_models(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        experiment_ids: list[str],
        filter_string: str | None = None,
        datasets: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: list[dict[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Return one page of the logged models that match.

        `datasets` have `dataset_name` and maybe `dataset_digest`; orders have `field_name` and
        maybe `ascending`, `dataset_name`, `dataset_digest`.
        """
        answer = self._tracking.post(
            "mlflow/logged-models/search",
            experiment_ids=as_texts(experiment_ids, "experiment_ids") or None,
            filter=as_optional_text(filter_string, "filter_string"),
            datasets=[_dataset(item) for item in as_items(datasets, "datasets", "dictionaries")],
            max_results=as_optional_whole_number(max_results, "max_results"),
            order_by=[_order(item) for item in as_items(order_by, "order_by", "dictionaries")],
            page_token=as_optional_text(page_token, "page_token"),
        )
        records = answer.page("models", entities.LoggedModelRecord)
        return entities.PagedList((record.to_model() for record in records), records.token)

    def finalize_logged_model(
        self, model_id: str, status: Literal["READY", "FAILED"] | LoggedModelStatus
    ) -> LoggedModel:
        """Say that a logged model is READY, or that making it FAILED."""
        answer = self._tracking.patch(
            model_endpoint(model_id),
            model_id=model_id,
            status=entities.LoggedModelStatus.parse(status).to_wire(),
        )
        return answer.one("model", entities.LoggedModelRecord).to_model()

    def delete_logged_model(self, model_id: str) -> None:
        """Mark a logged model as deleted."""
        self._tracking.delete(model_endpoint(model_id))

    def _log_model_params(self, model_id: str, labels: list[dict[str, str]]) -> None:
        for start in range(0, len(labels), MOST_PARAMS):
            self._tracking.post(
                f"{model_endpoint(model_id)}/params",
                model_id=model_id,
                params=labels[start : start + MOST_PARAMS],
            )


def model_endpoint(model_id: object) -> str:
    """Return the endpoint of one logged model."""
    return f"mlflow/logged-models/{as_path_part(model_id, 'model_id')}"


def as_path_part(value: object, name: str) -> str:
    """Return a text encoded so that it stays one part of a path, wherever paths are resolved."""
    text = as_text(value, name)
    if text in {"", ".", ".."} or "/" in text:
        raise invalid(f"{name} must not be empty, '.' or '..', nor hold '/'; it is {text!r}")
    return quote(text, safe="")


def _dataset(item: Any) -> dict[str, str]:  # noqa: ANN401 - checked here
    fields = _fields(item, "datasets")
    return {"dataset_name": _required(item, "dataset_name", "datasets"), **fields}


def _order(item: Any) -> dict[str, Any]:  # noqa: ANN401 - checked here
    fields = _fields(item, "order_by")
    ascending = item.get("ascending", True)
    if not isinstance(ascending, bool):
        raise invalid(f"'ascending' in order_by must be True or False, not {ascending!r}")
    field_name = _required(item, "field_name", "order_by")
    return {"field_name": field_name, "ascending": ascending, **fields}


def _fields(item: object, argument: str) -> dict[str, str]:
    if not isinstance(item, dict):
        raise invalid(f"{argument} must hold dictionaries, not {type(item).__name__}")
    given = {name: item[name] for name in DATASET_FIELDS if item.get(name) is not None}
    return {name: as_text(value, f"'{name}' in {argument}") for name, value in given.items()}


def _required(item: Mapping[str, object], name: str, argument: str) -> str:
    if name not in item:
        raise invalid(f"each of {argument} needs '{name}'")
    return as_text(item[name], f"'{name}' in {argument}")
