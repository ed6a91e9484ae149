from typing import Any

from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities.dataset_input import DatasetInput
from penstock.rest.entities.logged_model_input import LoggedModelInput


class RunInputs(Entity, frozen=True):
    """What a run read: datasets and logged models."""

    dataset_inputs: list[DatasetInput] = field(default_factory=list)
    model_inputs: list[LoggedModelInput] = field(default_factory=list)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the datasets as dictionaries; logged models stay entities, as in MLflow."""
        return {
            "model_inputs": self.model_inputs,
            "dataset_inputs": [given.to_dictionary() for given in self.dataset_inputs],
        }
