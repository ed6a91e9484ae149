from typing import Any

from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities._keyed import Labels, LatestMetrics


class RunData(Entity, frozen=True):
    """What a run holds: latest metrics, params and tags, each by key."""

    metrics: LatestMetrics = field(default_factory=LatestMetrics)
    params: Labels = field(default_factory=Labels)
    tags: Labels = field(default_factory=Labels)

    def to_dictionary(self) -> dict[str, Any]:
        """Return metrics, params and tags by name."""
        return {"metrics": self.metrics, "params": self.params, "tags": self.tags}
