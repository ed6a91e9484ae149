from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest import entities
from penstock.rest._family import Family
from penstock.rest._paging import iterate
from penstock.rest._registered_models import no_such_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest._answer import Answer
    from penstock.rest.entities import ModelVersion, PagedList

PAGE_SIZE = 10_000
STAGES = ("None", "Staging", "Production", "Archived")


class ModelVersions(Family):
    """Versions of registered models: find them, by number, alias or filter."""

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model."""
        answer = self._registry.get("mlflow/model-versions/get", name=name, version=version)
        return _read_version(answer, name)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias points to."""
        answer = self._registry.get("mlflow/registered-models/alias", name=name, alias=alias)
        return _read_version(answer, name)

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where the files of a version lie; often a `models:/{model_id}`."""
        answer = self._registry.get(
            "mlflow/model-versions/get-download-uri", name=name, version=version
        )
        return answer.one("artifact_uri", str)

    def get_model_version_stages(self, name: str, version: str) -> list[str]:  # noqa: ARG002 - MLflow's signature
        """Return the stages that a version can have."""
        return list(STAGES)

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = PAGE_SIZE,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Return one page of the versions that match, of all models."""
        answer = self._registry.get(
            "mlflow/model-versions/search",
            filter=filter_string,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
        )
        return answer.page("model_versions", entities.ModelVersion)

    def iter_model_versions(
        self,
        filter_string: str | None = None,
        *,
        order_by: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ModelVersion]:
        """Yield all versions that match, a page at a time."""
        order = None if order_by is None else list(order_by)
        return iterate(
            lambda token: self.search_model_versions(filter_string, page_size, order, token)
        )


def _read_version(answer: Answer, name: str) -> ModelVersion:
    version = answer.one("model_version", entities.ModelVersion)
    if version.is_prompt():
        raise no_such_model(name)
    return version
