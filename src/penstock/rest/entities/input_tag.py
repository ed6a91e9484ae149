from penstock.rest.entities._entity import Entity


class InputTag(Entity, frozen=True):
    """A tag of a dataset as an input of one run."""

    key: str
    value: str = ""
