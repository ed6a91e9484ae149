from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest import entities
from penstock.rest._arguments import (
    as_identifier,
    as_optional_text,
    as_optional_whole_number,
    as_text,
    as_texts,
)
from penstock.rest._family import Family
from penstock.rest._model_names import check_model_name
from penstock.rest._paging import iterate
from penstock.rest._registered_models import no_such_model, require_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest.entities import ModelVersion, PagedList

PAGE_SIZE = 10_000
STAGES = ("None", "Staging", "Production", "Archived")
SOURCES_OF_PROMPTS = ("dummy-source", "prompt-template")


class ModelVersions(Family):
    """Versions of registered models: find them, by number, alias or filter."""

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model."""
        return _refuse_prompt(self._read_version(name, version))

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias points to."""
        answer = self._registry.get(
            "mlflow/registered-models/alias",
            name=check_model_name(name),
            alias=as_text(alias, "alias"),
        )
        return _refuse_prompt(answer.one("model_version", entities.ModelVersion))

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where the files of a version lie; often a `models:/{model_id}`."""
        answer = self._registry.get(
            "mlflow/model-versions/get-download-uri",
            name=as_text(name, "name"),
            version=as_identifier(version, "version"),
        )
        uri = answer.one("artifact_uri", str)
        if uri in SOURCES_OF_PROMPTS:
            require_model(self._registry, name)
        return uri

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
            filter=as_optional_text(filter_string, "filter_string"),
            max_results=as_optional_whole_number(max_results, "max_results"),
            order_by=as_texts(order_by, "order_by"),
            page_token=as_optional_text(page_token, "page_token"),
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
        order = as_texts(order_by, "order_by")
        return iterate(
            lambda token: self.search_model_versions(filter_string, page_size, order, token)
        )

    def _read_version(self, name: str, version: str) -> ModelVersion:
        return self._registry.get(
            "mlflow/model-versions/get",
            name=as_text(name, "name"),
            version=as_identifier(version, "version"),
        ).one("model_version", entities.ModelVersion)


def _refuse_prompt(version: ModelVersion) -> ModelVersion:
    if version.is_prompt():
        raise no_such_model(version.name)
    return version
