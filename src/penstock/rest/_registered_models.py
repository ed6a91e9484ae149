from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._family import Family
from penstock.rest._paging import iterate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penstock.rest.entities import ModelVersion, PagedList, RegisteredModel

PAGE_SIZE = 100


class RegisteredModels(Family):
    """Registered models: find them, and their latest versions."""

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return the registered model of this name; a prompt does not count as one."""
        answer = self._registry.get("mlflow/registered-models/get", name=name)
        model = answer.one("registered_model", entities.RegisteredModel)
        if model.is_prompt():
            raise no_such_model(name)
        return model

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
            filter=filter_string,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
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
        order = None if order_by is None else list(order_by)
        return iterate(
            lambda token: self.search_registered_models(filter_string, page_size, order, token)
        )

    def get_latest_versions(self, name: str, stages: list[str] | None = None) -> list[ModelVersion]:
        """Return the newest version in each of these stages; of all stages if none is given."""
        answer = self._registry.post(
            "mlflow/registered-models/get-latest-versions", name=name, stages=stages
        )
        return answer.many("model_versions", entities.ModelVersion)


def no_such_model(name: str) -> MlflowException:
    """Return the error that MLflow has for a prompt that is asked for as a model."""
    return MlflowException(
        f"Registered Model with name='{name}' not found: it is a prompt", "RESOURCE_DOES_NOT_EXIST"
    )
