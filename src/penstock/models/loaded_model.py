from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class SourceName(StrEnum):
    """What answered when a model was asked for."""

    MEMORY = "memory"
    MLFLOW = "mlflow"
    CACHE = "cache"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LoadedModel:
    """A model that can predict, and where it came from.

    `source` is `memory`, `mlflow` (the server was asked), `cache` or `local`; `is_fallback` is true
    when a server that should have been asked could not be, so that a newer version may exist.
    """

    model: Any
    source: SourceName
    model_uri: str
    path: Path
    name: str | None = None
    version: str | None = None
    run_id: str | None = None
    is_fallback: bool = False

    def predict(self, data: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the model takes and returns
        """Return what the model predicts."""
        return self.model.predict(data, **options)
