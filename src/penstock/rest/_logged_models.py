from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._family import Family

if TYPE_CHECKING:
    from penstock.rest.entities import FileInfo, LoggedModel, PagedList


class LoggedModels(Family):
    """Logged models (MLflow 3): find them."""

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return the logged model with this id."""
        answer = self._tracking.get(_endpoint(model_id))
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
            experiment_ids=[str(experiment_id) for experiment_id in experiment_ids],
            filter=filter_string,
            datasets=datasets,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
        )
        records = answer.page("models", entities.LoggedModelRecord)
        return entities.PagedList((record.to_model() for record in records), records.token)

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders in a folder of a logged model."""
        answer = self._tracking.get(
            f"{_endpoint(model_id)}/artifacts/directories", artifact_directory_path=path
        )
        return answer.many("files", entities.FileInfo)


def _endpoint(model_id: str) -> str:
    if not model_id:
        raise MlflowException("a model id is needed", "INVALID_PARAMETER_VALUE")
    return f"mlflow/logged-models/{quote(model_id, safe='')}"
