from penstock.rest.entities._entity import Entity


class LoggedModelInput(Entity, frozen=True):
    """A logged model that a run used."""

    model_id: str
