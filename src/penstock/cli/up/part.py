"""One program that `penstock up` runs: how it starts, where it writes, how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from penstock.deployments.supervision.program import OWNERS_ALONE, Program


@dataclass(frozen=True, slots=True)
class Part:
    """What to start. The environment may hold secrets, the command must not."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    log: Path


class RunningPart(Program):
    """A started part. Its output goes to its log."""

    def __init__(self, part: Part) -> None:
        super().__init__(
            part.command,
            name=part.name,
            folder=part.folder,
            log=part.log,
            environment=part.environment,
            umask=OWNERS_ALONE,
        )

    def describe_end(self) -> str:
        """Return how the program ended, with the last lines that it wrote."""
        lines, how = self.last_lines(), self.describe_code()
        if any("address already in use" in line.lower() for line in lines):
            how = f"{how}; another program took its port meanwhile, start again"
        shown = "\n".join(f"  {line}" for line in lines) or "  (nothing)"
        return f"{self.name} ended ({how}); {self.log} ends with\n{shown}"
