from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import MlflowException
from penstock.rest._artifact_family import ArtifactFamily
from penstock.rest._logged_models import LoggedModels
from penstock.rest._model_versions import ModelVersions
from penstock.rest._registered_models import RegisteredModels

if TYPE_CHECKING:
    from collections.abc import Collection

    from penstock.uris import ModelsUri

MOST_HOPS = 10


class ModelFiles(RegisteredModels, ModelVersions, LoggedModels, ArtifactFamily):
    """The files of a model, wherever its registration leads."""

    def download_model(
        self, model_uri: str, dst_path: str | None = None, *, only: Collection[str] | None = None
    ) -> str:
        """Download the files of a model into a folder, and return that folder.

        `model_uri` is `models:/{name}/{version}`, `…/{stage}`, `…/latest`,
        `models:/{name}@{alias}`, `models:/{model_id}`, `runs:/{run_id}/{path}`, or an artifact URI.
        `dst_path` is made if needed; None means a new folder, which is the caller's to delete.
        Files come in parallel, each whole or not at all; with `only`, those of these names alone.
        """
        # The JSON library: a client that was only made does not pay for it.
        from penstock.rest.artifacts.model_download import download_model_folder  # noqa: PLC0415

        return download_model_folder(
            self._artifact_store,
            self.find_model_artifacts(model_uri),
            dst_path=dst_path,
            only=only,
        )

    def find_model_artifacts(self, model_uri: str) -> str:
        """Return where the files of a model lie: a URI that is no `models:/` any more.

        A version may have been registered or copied from another `models:/` URI.
        """
        uri = model_uri
        for _ in range(MOST_HOPS):
            if not uri.startswith("models:"):
                return uri
            uri = self._follow(parse_model(uri))
        raise MlflowException(
            f"'{model_uri}' leads from one model to another more than {MOST_HOPS} times",
            "INVALID_STATE",
        )

    def _follow(self, uri: ModelsUri) -> str:
        if uri.model_id is not None:
            return self.get_logged_model(uri.model_id).artifact_location
        name = uri.name or ""
        return self.get_model_version_download_uri(name, self._find_version(name, uri))

    def _find_version(self, name: str, uri: ModelsUri) -> str:
        if uri.version is not None:
            return str(uri.version)
        if uri.alias is not None:
            return self.get_model_version_by_alias(name, uri.alias).version
        stages = None if uri.stage is None else [uri.stage]
        versions = [int(found.version) for found in self.get_latest_versions(name, stages)]
        if not versions:
            where = f" in stage '{uri.stage}'" if uri.stage else ""
            raise MlflowException(
                f"the registered model '{name}' has no version{where}", "RESOURCE_DOES_NOT_EXIST"
            )
        return str(max(versions))


def parse_model(uri: str) -> ModelsUri:
    """Parse a `models:/` URI; raise MlflowException that shows the right forms."""
    # Its dataclasses: a client that was only made does not pay for them.
    from penstock.uris import parse_models_uri  # noqa: PLC0415

    try:
        return parse_models_uri(uri)
    except ValueError as error:
        raise MlflowException(str(error), "INVALID_PARAMETER_VALUE") from error
