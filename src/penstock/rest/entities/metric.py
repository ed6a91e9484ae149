from typing import Any

from penstock.rest.entities._entity import Entity


class Metric(Entity, frozen=True):
    """One value of a metric: `timestamp` in milliseconds since 1970, `step` from 0 on."""

    key: str
    value: float
    timestamp: int = 0
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None

    def to_dictionary(self) -> dict[str, Any]:
        """Return all attributes by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__}
