from typing import Any

from penstock.errors import MlflowException
from penstock.rest.entities._entity import Entity

REQUIRED = ("key", "value", "timestamp", "step")


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

    @classmethod
    def from_dictionary(cls, metric_dict: dict[str, Any]) -> "Metric":
        """Make a metric of its attributes by name."""
        missing = [name for name in REQUIRED if name not in metric_dict]
        unknown = [name for name in metric_dict if name not in cls.__struct_fields__]
        if missing or unknown:
            raise MlflowException(
                f"no metric can be made of a dictionary without {missing} and with {unknown}",
                "INVALID_PARAMETER_VALUE",
            )
        return cls(**metric_dict)

    def to_dictionary(self) -> dict[str, Any]:
        """Return all attributes by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__}
