from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import MlflowException
from penstock.rest._arguments import as_text, invalid
from penstock.rest._model_files import ModelFiles, parse_model
from penstock.rest._model_registration import ModelRegistration
from penstock.rest._registered_models import no_such_model

if TYPE_CHECKING:
    from penstock.rest.entities import ModelVersion


class ModelCopies(ModelFiles, ModelRegistration):
    """Copies of versions, as from a staging model to the one in production."""

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """Make a version of another registered model from this one; the model is made if needed.

        `src_model_uri` is `models:/{name}/{version}`, `…/{stage}`, `…/latest` or
        `models:/{name}@{alias}`. The copy has the same files, run, tags and description.
        """
        source = self._find_source(as_text(src_model_uri, "src_model_uri"))
        if source.is_prompt():
            raise no_such_model(source.name)
        try:
            self.create_registered_model(dst_name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        try:
            return self._copy(source, dst_name)
        except MlflowException as error:
            raise _uncopied(error, src_model_uri) from error

    def _find_source(self, uri: str) -> ModelVersion:
        if not uri.startswith("models:"):
            raise MlflowException(f"'{uri}' is no models:/ URI: only registered models are copied")
        try:
            parsed = parse_model(uri)
            if parsed.name is None:
                raise invalid("it names a logged model, which create_model_version registers")
            return self._read_version(parsed.name, self._find_version(parsed.name, parsed))
        except MlflowException as error:
            raise _uncopied(error, uri) from error

    def _copy(self, source: ModelVersion, name: str) -> ModelVersion:
        return self.create_model_version(
            name,
            f"models:/{source.name}/{source.version}",
            source.run_id,
            source.tags,
            source.run_link,
            source.description,
        )


def _uncopied(error: MlflowException, uri: str) -> MlflowException:
    message = f"'{uri}' could not be copied: {error.message}"
    if type(error) is MlflowException:
        return MlflowException(message)  # MLflow's method has INTERNAL_ERROR for all of these
    return type(error)(message, error.error_code, status=error.get_http_status_code())
