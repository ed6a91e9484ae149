import os
from typing import Any

from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded_model import LoadedModel
from penstock.models.loader import ModelLoader
from penstock.models.model_facts import Facts, find_facts
from penstock.models.reference import refer_to

Version = str | int | None
"""A number, `"latest"` or None, `"@"` and an alias, or a stage."""


class ModelHandle:
    """One registered model, by its name: loads its versions, and says what is known of them."""

    def __init__(self, name: str, loader: ModelLoader) -> None:
        self.name = name
        self._loader = loader

    def load(self, version: Version = "latest", *, flavour: FlavourLike = "pyfunc") -> LoadedModel:
        """Load a version from the first source that has it.

        The latest version, stages and aliases cost one request each time, numbers none once they
        are cached. Raises ModelUnavailable that says what each source said.
        """
        return self._loader.load(refer_to(self.name, version), flavour=flavour)

    def info(self, version: Version = "latest") -> Facts:
        """Return `source`, `name`, `version`, `uri`, `run_id`, `status`, and where it is, if here.

        Loads nothing. Raises ModelUnavailable where no source knows it.
        """
        return find_facts(self._loader, refer_to(self.name, version))

    def download(self, dst_path: str | os.PathLike[str], *, version: Version = "latest") -> str:
        """Copy the files of a version into a folder, from the cache if it has them."""
        return self._loader.download(refer_to(self.name, version), dst_path)

    def predict(self, data: Any, *, version: Version = "latest") -> Any:  # noqa: ANN401 - whatever the model takes and returns
        """Return what a version predicts."""
        return self.load(version).predict(data)

    def __repr__(self) -> str:
        return f"ModelHandle('{self.name}')"
