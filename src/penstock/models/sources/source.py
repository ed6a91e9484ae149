from typing import Protocol

from penstock.models.loaded_model import LoadedModel, SourceName
from penstock.models.sources.question import Question


class Source(Protocol):
    """Something that may have a model."""

    name: SourceName

    def load(self, question: Question) -> LoadedModel:
        """Return the model. Raises PenstockError that says why there is none."""
