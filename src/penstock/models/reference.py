"""What callers name models by. Pure."""

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from penstock.errors import MlflowException
from penstock.uris import ModelsUri, parse_artifacts_uri, parse_models_uri, parse_runs_uri


class Kind(Enum):
    """How long a reference means the same files."""

    VERSION = "a version of a registered model: for ever"
    LOGGED = "a logged model: for ever"
    MOVING = "the latest version, a stage or an alias: until somebody moves it"
    RUN = "a folder of a run: until somebody logs there again"
    PLACE = "a folder of artifacts: nobody knows"
    FOLDER = "a folder on this machine: nobody knows"


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model as a caller names it, by a URI or a path."""

    text: str
    kind: Kind
    models_uri: ModelsUri | None = None

    @property
    def name(self) -> str | None:
        """Return the name of the registered model, or None."""
        return None if self.models_uri is None else self.models_uri.name

    @property
    def is_fixed(self) -> bool:
        """Tell whether it means the same files for ever."""
        return self.kind in {Kind.VERSION, Kind.LOGGED}

    def __str__(self) -> str:
        return self.text


def parse_reference(given: str | os.PathLike[str]) -> ModelReference:
    """Parse a `models:`, `runs:` or `mlflow-artifacts:` URI, or the path of a folder.

    Raises MlflowException that shows the right forms.
    """
    text = os.fspath(given)
    try:
        if text.startswith("models:"):
            return _from_uri(parse_models_uri(text))
        if text.startswith("runs:"):
            return ModelReference(str(parse_runs_uri(text)), Kind.RUN)
        if text.startswith("mlflow-artifacts:"):
            return ModelReference(str(parse_artifacts_uri(text)), Kind.PLACE)
    except ValueError as error:
        raise MlflowException(str(error), "INVALID_PARAMETER_VALUE") from error
    if text.startswith(("s3:", "http:", "https:")):
        return ModelReference(text, Kind.PLACE)
    path = text.removeprefix("file://") if text.startswith("file:///") else text
    return ModelReference(str(Path(path).absolute()), Kind.FOLDER)


def refer_to(name: str, version: str | int | None = "latest") -> ModelReference:
    """Return the reference to a version of a registered model.

    `version` is a number, `"latest"` or None, `"@"` and an alias, or a stage.
    """
    text = "latest" if version is None else str(version)
    return parse_reference(f"models:/{name}{text if text.startswith('@') else '/' + text}")


def _from_uri(uri: ModelsUri) -> ModelReference:
    if uri.model_id is not None:
        return ModelReference(str(uri), Kind.LOGGED, uri)
    return ModelReference(str(uri), Kind.MOVING if uri.version is None else Kind.VERSION, uri)
