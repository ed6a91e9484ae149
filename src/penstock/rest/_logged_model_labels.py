from __future__ import annotations

from typing import Any

from penstock.errors import MlflowException
from penstock.rest._arguments import as_labels, invalid
from penstock.rest._logged_models import LoggedModels, as_path_part, model_endpoint


class LoggedModelLabels(LoggedModels):
    """Params and tags of logged models; values are sent as text."""

    def log_model_params(self, model_id: str, params: dict[str, str]) -> None:
        """Log params of a logged model; a logged param cannot change."""
        labels = as_labels(params, "params")
        self._require_logged_model(model_id, "params", "a registered version has none")
        self._log_model_params(model_id, labels)

    def set_logged_model_tags(self, model_id: str, tags: dict[str, Any]) -> None:
        """Set tags of a logged model."""
        labels = as_labels(tags, "tags")
        self._require_logged_model(model_id, "tags", "use set_model_version_tag for a version")
        self._tracking.patch(f"{model_endpoint(model_id)}/tags", tags=labels)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a logged model. MLflow's API cannot name a key that holds `/`."""
        self._tracking.delete(f"{model_endpoint(model_id)}/tags/{as_path_part(key, 'key')}")

    def _require_logged_model(self, model_id: str, kind: str, advice: str) -> None:
        try:
            self.get_logged_model(model_id)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise invalid(
                f"no {kind} for the logged model '{model_id}', which is not there, deleted, or "
                f"not yours to see; {advice}"
            ) from error
