from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException
from penstock.rest import entities
from penstock.rest._arguments import (
    as_identifier,
    as_optional_labels,
    as_optional_text,
    as_text,
)
from penstock.rest._model_versions import ModelVersions
from penstock.rest._registered_models import refuse_prompt_tag, require_model

if TYPE_CHECKING:
    from penstock.rest.entities import ModelVersion

PENDING, READY = "PENDING_REGISTRATION", "READY"
LONGEST_AWAIT = 300
POLL_SECONDS = 1.0


class ModelRegistration(ModelVersions):
    """Versions of registered models: make, change, delete."""

    def create_model_version(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: dict[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int = LONGEST_AWAIT,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Register the model files at a URI as the next version of a registered model.

        Some registries take their time: waits up to `await_creation_for` seconds until the version
        is READY; 0 or None does not wait.
        """
        labels = as_optional_labels(tags, "tags")
        refuse_prompt_tag(labels)
        made = self._registry.post(
            "mlflow/model-versions/create",
            name=as_text(name, "name"),
            source=as_text(source, "source"),
            run_id=as_optional_text(run_id, "run_id"),
            run_link=as_optional_text(run_link, "run_link"),
            tags=labels,
            description=as_optional_text(description, "description"),
            model_id=as_optional_text(model_id, "model_id"),
        ).one("model_version", entities.ModelVersion)
        return self._await_creation(made, await_creation_for) if await_creation_for else made

    def update_model_version(
        self, name: str, version: str, description: str | None = None
    ) -> ModelVersion:
        """Give a version a new description."""
        number = as_identifier(version, "version")
        if as_optional_text(description, "description") is None:
            raise MlflowException("description is missing: nothing else of a version can change")
        require_model(self._registry, name)
        answer = self._registry.patch(
            "mlflow/model-versions/update", name=name, version=number, description=description
        )
        return answer.one("model_version", entities.ModelVersion)

    def transition_model_version_stage(
        self,
        name: str,
        version: str,
        stage: str,
        archive_existing_versions: bool = False,  # noqa: FBT001, FBT002 - MLflow's signature
    ) -> ModelVersion:
        """Move a version to a stage: None, Staging, Production or Archived."""
        number = as_identifier(version, "version")
        if not as_text(stage, "stage").strip():
            raise MlflowException("stage must not be empty")
        require_model(self._registry, name)
        answer = self._registry.post(
            "mlflow/model-versions/transition-stage",
            name=name,
            version=number,
            stage=stage,
            archive_existing_versions=bool(archive_existing_versions),
        )
        return answer.one("model_version", entities.ModelVersion)

    def delete_model_version(self, name: str, version: str) -> None:
        """Delete a version for good."""
        number = as_identifier(version, "version")
        require_model(self._registry, name)
        self._registry.delete("mlflow/model-versions/delete", name=name, version=number)

    def _await_creation(self, version: ModelVersion, seconds: float) -> ModelVersion:
        deadline = time.monotonic() + seconds
        while version.status == PENDING:
            if time.monotonic() > deadline:
                raise MlflowException(
                    f"version {version.version} of '{version.name}' is still {PENDING} after "
                    f"{seconds:g} s; look it up later, or raise await_creation_for"
                )
            time.sleep(POLL_SECONDS)
            version = self.get_model_version(version.name, version.version)
        if version.status != READY:
            raise MlflowException(
                f"version {version.version} of '{version.name}' could not be made: "
                f"{version.status} {version.status_message or ''}".rstrip()
            )
        return version
