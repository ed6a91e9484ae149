from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest import entities
from penstock.rest._arguments import as_optional_text
from penstock.rest._artifact_family import ArtifactFamily
from penstock.rest._logged_models import model_endpoint

if TYPE_CHECKING:
    import os

    from penstock.rest.entities import FileInfo


class ModelArtifacts(ArtifactFamily):
    """Artifacts of logged models (MLflow 3): list and upload them."""

    def log_model_artifact(
        self, model_id: str, local_path: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Upload a file, or a folder with its name, into a folder of a logged model."""
        from penstock.rest.artifacts.upload import upload_path  # noqa: PLC0415 - as in Artifacts

        upload_path(self._artifact_store.of_model(model_id), local_path, artifact_path)

    def log_model_artifacts(
        self, model_id: str, local_dir: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Upload all that lies in a folder into a folder of a logged model."""
        from penstock.rest.artifacts.upload import upload_folder  # noqa: PLC0415 - as in Artifacts

        upload_folder(self._artifact_store.of_model(model_id), local_dir, artifact_path)

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders in a folder of a logged model."""
        answer = self._tracking.get(
            f"{model_endpoint(model_id)}/artifacts/directories",
            artifact_directory_path=as_optional_text(path, "path"),
        )
        return answer.many("files", entities.FileInfo)
