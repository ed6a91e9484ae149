"""A started service: whether it answers, and how it ended."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from penstock.deployments.supervision.job import Job
from penstock.deployments.supervision.program import Program

LOG: Final = "serve.log"
PING: Final = "/ping"
PING_SECONDS: Final = 1.0
ENDED: Final = "it ended"
_OK: Final = 200


class Service(Program):
    """One process of a job's command, with the keeper's environment. Ends with the keeper."""

    def __init__(self, job: Job, folder: Path) -> None:
        super().__init__(job.command, name=job.command[0], folder=folder, log=folder / LOG)
        self._job = job

    def answers(self) -> bool:
        """Return whether it says that it is ready."""
        connection = HTTPConnection(self._job.host, self._job.port, timeout=PING_SECONDS)
        try:
            connection.request("GET", PING)
            return connection.getresponse().status == _OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def describe_end(self, why: str) -> str:
        """Return how it ended, or `why` it has to, with the last lines that it wrote."""
        how = (self.describe_code() if why == ENDED else None) or why
        return "\n".join([how, *self.last_lines()])
