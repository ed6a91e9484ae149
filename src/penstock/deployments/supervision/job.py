"""What one keeper keeps running, and where it lies on the disk."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from penstock.deployments.supervision.kept_file import read_document, write_document
from penstock.errors import SupervisionError

JOB: Final = "job.json"
START_SECONDS: Final = 600.0
"""How long a service may take until it answers: models are downloaded, and large."""


@dataclass(frozen=True, slots=True)
class Job:
    """One service: its command line, and the port of 127.0.0.1 or another host it answers at.

    `variables` are those of its environment that are no secrets; the others are the keeper's own.
    """

    command: tuple[str, ...]
    host: str
    port: int
    variables: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = START_SECONDS

    def write(self, folder: Path) -> None:
        """Keep it in a folder. Raises SupervisionError."""
        write_document(folder / JOB, asdict(self))


def read_job(folder: Path) -> Job:
    """Return the job of a folder. Raises SupervisionError for none, and for one that is damaged."""
    document = read_document(folder / JOB)
    try:
        return _parse(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SupervisionError(f"{folder / JOB} is damaged; deploy the model again") from error


def _parse(document: dict[str, Any]) -> Job:
    return Job(
        command=tuple(map(str, document["command"])),
        host=str(document["host"]),
        port=int(document["port"]),
        variables={str(name): str(value) for name, value in document["variables"].items()},
        start_seconds=float(document["start_seconds"]),
    )
