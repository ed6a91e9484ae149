from __future__ import annotations

from typing import Any

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._arguments import as_identifier, as_text, invalid
from penstock.rest._family import Family
from penstock.rest._registered_models import require_model


class ModelTags(Family):
    """Tags of registered models and of their versions; values are sent as text."""

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:  # noqa: ANN401
        """Set a tag of a registered model."""
        fields = {"key": as_text(key, "key"), "value": str(value)}
        require_model(self._registry, name)
        self._registry.post("mlflow/registered-models/set-tag", name=name, **fields)

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a registered model; one that is not there is no error."""
        fields = {"key": as_text(key, "key")}
        require_model(self._registry, name)
        self._registry.delete("mlflow/registered-models/delete-tag", name=name, **fields)

    def set_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        value: Any = None,  # noqa: ANN401 - text is made of it
        stage: str | None = None,
    ) -> None:
        """Set a tag of a version, named by its number or as the newest one in a stage."""
        fields = {"key": as_text(key, "key"), "value": str(value)}
        found = self._find_tagged(name, version, stage=stage)
        self._registry.post("mlflow/model-versions/set-tag", name=name, version=found, **fields)

    def delete_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        stage: str | None = None,
    ) -> None:
        """Remove a tag of a version, named by its number or as the newest one in a stage.

        One that is not there is no error.
        """
        fields = {"key": as_text(key, "key")}
        found = self._find_tagged(name, version, stage=stage)
        self._registry.delete(
            "mlflow/model-versions/delete-tag", name=name, version=found, **fields
        )

    def _find_tagged(self, name: str, version: str | None, *, stage: str | None) -> str:
        if version and stage:
            raise invalid("version and stage exclude each other: pass one of them")
        if not (version or stage):
            raise invalid("version or stage is missing: pass one of them")
        require_model(self._registry, name)
        if not stage:
            return as_identifier(version, "version")
        found = self._registry.post(
            "mlflow/registered-models/get-latest-versions",
            name=name,
            stages=[as_text(stage, "stage")],
        ).many("model_versions", entities.ModelVersion)
        if not found:
            raise MlflowException(f"the registered model '{name}' has no version in '{stage}'")
        return found[0].version
