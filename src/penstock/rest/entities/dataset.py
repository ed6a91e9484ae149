from typing import Any

from penstock.rest.entities._entity import Entity


class Dataset(Entity, frozen=True):
    """A dataset that a run read; `digest` tells its content from that of another state of it."""

    name: str
    digest: str
    source_type: str = ""
    source: str = ""
    schema: str | None = None
    profile: str | None = None

    def to_dictionary(self) -> dict[str, Any]:
        """Return all attributes by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__}
