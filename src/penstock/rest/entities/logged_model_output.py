from penstock.rest.entities._entity import Entity


class LoggedModelOutput(Entity, frozen=True):
    """A logged model that a run made, at a step."""

    model_id: str
    step: int = 0

    def to_dictionary(self) -> dict[str, str | int]:
        """Return all attributes by name."""
        return {"model_id": self.model_id, "step": self.step}
