from __future__ import annotations

from penstock.rest._family import Family
from penstock.rest._model_names import check_alias, check_model_name, check_version
from penstock.rest._registered_models import require_model


class ModelAliases(Family):
    """Aliases: names of one's own for versions of a registered model, each for one at a time."""

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        """Let an alias point to a version, whichever it pointed to before."""
        fields = {
            "name": check_model_name(name),
            "alias": check_alias(alias),
            "version": check_version(version),
        }
        require_model(self._registry, name)
        self._registry.post("mlflow/registered-models/alias", **fields)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; one that is not there is no error."""
        fields = {"name": check_model_name(name), "alias": check_alias(alias)}
        require_model(self._registry, name)
        self._registry.delete("mlflow/registered-models/alias", **fields)
