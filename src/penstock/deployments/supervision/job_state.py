"""How a service is, as its keeper tells others."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from penstock.deployments.supervision.kept_file import read_document, write_document
from penstock.errors import SupervisionError

STATE: Final = "state.json"


class Phase(StrEnum):
    """What a service does now. FAILED is for one that has never answered: it is given up."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobState:
    """`restarts` counts crashes; `reason` is why the last one happened, with the log's end.

    `has_answered` tells that the service has been ready once: then it is started again for ever.
    """

    phase: Phase = Phase.STARTING
    pid: int | None = None
    restarts: int = 0
    reason: str = ""
    has_answered: bool = False

    def write(self, folder: Path) -> None:
        """Keep it in a folder. Raises SupervisionError."""
        write_document(folder / STATE, asdict(self))


def find_state(folder: Path) -> JobState | None:
    """Return the state of a folder, or None where no keeper has told one yet."""
    try:
        document = read_document(folder / STATE)
        return JobState(**{**document, "phase": Phase(document["phase"])})
    except (SupervisionError, KeyError, TypeError, ValueError):
        # It says nothing that the keeper could not find out again.
        return None
