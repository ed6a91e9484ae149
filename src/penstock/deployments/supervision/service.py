"""A started service: whether it answers, and how it ended."""

import signal
import subprocess
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from penstock.deployments.descendants import end_with_parent
from penstock.deployments.supervision.job import Job
from penstock.deployments.supervision.service_log import last_lines, open_log
from penstock.errors import SupervisionError

PING: Final = "/ping"
PING_SECONDS: Final = 1.0
ENDED: Final = "it ended"
_OK: Final = 200


class Service:
    """One process of a job's command, with the keeper's environment. Ends with the keeper."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job = job
        self._folder = folder
        with open_log(folder) as log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the command of the job
                    job.command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=end_with_parent(),  # noqa: PLW1509 - a keeper has no threads
                )
            except OSError as error:
                raise SupervisionError(f"cannot start {job.command[0]}: {error}") from error

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone; its descendants may live on."""
        return self._process.poll() is not None

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
        code = self._process.poll()
        how = why if why != ENDED or code is None else _describe_code(code)
        return "\n".join([how, *last_lines(self._folder, since=self._log_start)])


def _describe_code(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
