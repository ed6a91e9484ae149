"""What a request names, and which level it needs there."""

from dataclasses import dataclass
from enum import StrEnum

from penstock.gateway.permissions.level import Level


class Named(StrEnum):
    """What an identifier of a request is the identifier of.

    A LOCATION is a URI of artifacts; it belongs to the run, logged model or trace below whose
    root it lies. A NEW_TRACE may exist already, and then belongs to its experiment.
    SCORER_CONFIGS are those of one scorer. RESERVED is for administrators, whatever the grants;
    PROTECTED is for nobody.
    """

    EXPERIMENT = "experiment"
    EXPERIMENT_NAME = "experiment name"
    RUN = "run"
    LOGGED_MODEL = "logged model"
    TRACE = "trace"
    NEW_TRACE = "new trace"
    DATASET = "dataset"
    ISSUE = "issue"
    LABEL_SCHEMA = "label schema"
    REVIEW_QUEUE = "review queue"
    SCORER_CONFIGS = "scorer configurations"
    LOCATION = "artifact location"
    REGISTERED_MODEL = "registered model"
    NEW_EXPERIMENT = "new experiment"
    NEW_REGISTERED_MODEL = "new registered model"
    RESERVED = "reserved"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Reference:
    """An identifier as the request gives it, and the level that the request needs on it."""

    named: Named
    id: str
    level: Level

    def __str__(self) -> str:
        return f"{self.named}:{self.id}"
