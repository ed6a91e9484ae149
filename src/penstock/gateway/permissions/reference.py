"""What a request names, and which level it needs there."""

from dataclasses import dataclass
from enum import StrEnum

from penstock.gateway.permissions.level import Level


class Named(StrEnum):
    """What an identifier of a request is the identifier of."""

    EXPERIMENT = "experiment"
    EXPERIMENT_NAME = "experiment name"
    RUN = "run"
    LOGGED_MODEL = "logged model"
    TRACE = "trace"
    DATASET = "dataset"
    REGISTERED_MODEL = "registered model"
    NEW_EXPERIMENT = "new experiment"
    NEW_REGISTERED_MODEL = "new registered model"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reference:
    """An identifier as the request gives it, and the level that the request needs on it."""

    named: Named
    id: str
    level: Level

    def __str__(self) -> str:
        return f"{self.named}:{self.id}"
