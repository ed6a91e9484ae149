"""What grants speak about."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of resources; all else belongs to one of them."""

    EXPERIMENT = "experiment"
    REGISTERED_MODEL = "registered_model"


@dataclass(frozen=True, slots=True)
class Resource:
    """One experiment (with its id) or one registered model (whose name is its identity)."""

    kind: Kind
    name: str
    id: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"
