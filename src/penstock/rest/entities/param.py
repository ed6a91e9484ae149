from penstock.rest.entities._entity import Entity


class Param(Entity, frozen=True):
    """A parameter of a run; once logged it keeps its value."""

    key: str
    value: str = ""
