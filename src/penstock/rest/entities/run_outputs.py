from typing import Any

from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities.logged_model_output import LoggedModelOutput


class RunOutputs(Entity, frozen=True):
    """What a run made: logged models."""

    model_outputs: list[LoggedModelOutput] = field(default_factory=list)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the logged models as dictionaries."""
        return {"model_outputs": [made.to_dictionary() for made in self.model_outputs]}
