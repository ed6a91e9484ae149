from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._arguments import (
    as_optional_labels,
    as_optional_text,
    as_optional_whole_number,
    as_text,
    as_texts,
    invalid,
)
from penstock.rest._family import Family
from penstock.rest._paging import iterate
from penstock.rest.entities._prompt_tag import PROMPT_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest._api import Api
    from penstock.rest.entities import ModelVersion, PagedList, RegisteredModel

PAGE_SIZE = 100


class RegisteredModels(Family):
    """Registered models: make, find, change, delete. A prompt does not count as one."""

    def create_registered_model(
        self,
        name: str,
        tags: dict[str, Any] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> RegisteredModel:
        """Register a name for a model, without any version yet; the values of tags become text."""
        labels = as_optional_labels(tags, "tags")
        refuse_prompt_tag(labels)
        answer = self._registry.post(
            "mlflow/registered-models/create",
            name=as_text(name, "name"),
            tags=labels,
            description=as_optional_text(description, "description"),
            deployment_job_id=as_optional_text(deployment_job_id, "deployment_job_id"),
        )
        return answer.one("registered_model", entities.RegisteredModel)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return the registered model of this name."""
        return require_model(self._registry, name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = PAGE_SIZE,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Return one page of the registered models that match, by name."""
        answer = self._registry.get(
            "mlflow/registered-models/search",
            filter=as_optional_text(filter_string, "filter_string"),
            max_results=as_optional_whole_number(max_results, "max_results"),
            order_by=as_texts(order_by, "order_by"),
            page_token=as_optional_text(page_token, "page_token"),
        )
        return answer.page("registered_models", entities.RegisteredModel)

    def iter_registered_models(
        self,
        filter_string: str | None = None,
        *,
        order_by: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[RegisteredModel]:
        """Yield all registered models that match, a page at a time."""
        order = as_texts(order_by, "order_by")
        return iterate(
            lambda token: self.search_registered_models(filter_string, page_size, order, token)
        )

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give a registered model a new name, which its versions and aliases follow."""
        require_model(self._registry, name)
        if not as_text(new_name, "new_name").strip():
            raise MlflowException("new_name must not be empty")
        answer = self._registry.post(
            "mlflow/registered-models/rename", name=name, new_name=new_name
        )
        return answer.one("registered_model", entities.RegisteredModel)

    def update_registered_model(
        self,
        name: str,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> RegisteredModel:
        """Give a registered model a new description."""
        require_model(self._registry, name)
        answer = self._registry.patch(
            "mlflow/registered-models/update",
            name=name,
            description=as_optional_text(description, "description"),
            deployment_job_id=as_optional_text(deployment_job_id, "deployment_job_id"),
        )
        return answer.one("registered_model", entities.RegisteredModel)

    def delete_registered_model(self, name: str) -> None:
        """Delete a registered model with all its versions, for good."""
        require_model(self._registry, name)
        self._registry.delete("mlflow/registered-models/delete", name=name)

    def get_latest_versions(self, name: str, stages: list[str] | None = None) -> list[ModelVersion]:
        """Return the newest version in each of these stages; of all stages if none is given."""
        answer = self._registry.post(
            "mlflow/registered-models/get-latest-versions",
            name=as_text(name, "name"),
            stages=as_texts(stages, "stages"),
        )
        versions = answer.many("model_versions", entities.ModelVersion)
        if any(version.is_prompt() for version in versions):
            raise no_such_model(name)
        return versions


def require_model(registry: Api, name: str) -> RegisteredModel:
    """Return a registered model; raise the error of an unknown one when the name is a prompt's.

    MLflow keeps prompts among the models, and its registry would change and delete them as such.
    """
    answer = registry.get("mlflow/registered-models/get", name=as_text(name, "name"))
    model = answer.one("registered_model", entities.RegisteredModel)
    if model.is_prompt():
        raise no_such_model(name)
    return model


def refuse_prompt_tag(labels: list[dict[str, str]]) -> None:
    """Raise an error for tags that would make a prompt of a model."""
    if any(label["key"] == PROMPT_TAG for label in labels):
        raise invalid(f"tags must not hold '{PROMPT_TAG}': a prompt is no model")


def no_such_model(name: str) -> MlflowException:
    """Return the error that MLflow has for a prompt that is asked for as a model."""
    return MlflowException(
        f"Registered Model with name='{name}' not found: it is a prompt", "RESOURCE_DOES_NOT_EXIST"
    )
