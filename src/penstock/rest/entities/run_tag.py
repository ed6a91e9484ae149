from penstock.rest.entities._entity import Entity


class RunTag(Entity, frozen=True):
    """A tag of a run; its value can be replaced."""

    key: str
    value: str = ""
