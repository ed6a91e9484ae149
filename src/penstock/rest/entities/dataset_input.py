from typing import Any

from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities.dataset import Dataset
from penstock.rest.entities.input_tag import InputTag


class DatasetInput(Entity, frozen=True):
    """A dataset as an input of a run, with what the run says of it (`mlflow.data.context`)."""

    dataset: Dataset
    tags: list[InputTag] = field(default_factory=list)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the dataset's attributes, and the tags by key."""
        return {
            "dataset": self.dataset.to_dictionary(),
            "tags": {tag.key: tag.value for tag in self.tags},
        }
