"""What the supervisor's process does in one run of `penstock up`."""

from dataclasses import dataclass

from penstock.cli import output
from penstock.cli.exposure import LOOPBACK
from penstock.cli.up.administrator import PasswordSource
from penstock.cli.up.folder import DataFolder
from penstock.cli.up.part import Part
from penstock.cli.up.readiness import Readiness
from penstock.cli.up.supervisor import Supervisor, supervise
from penstock.errors import PenstockError
from penstock.gateway.networks import reachable_host


@dataclass(frozen=True, slots=True)
class Session:
    """Start, announce, watch."""

    folder: DataFolder
    mlflow: Part
    gateway: Part
    readiness: Readiness

    def run(self) -> int:
        """Run until asked to stop and return 0, or say why it failed and return 1."""
        try:
            supervise(self._start_and_watch)
        except PenstockError as error:
            output.fail(str(error))
            return 1
        output.say("Penstock has stopped")
        return 0

    def _start_and_watch(self, supervisor: Supervisor) -> None:
        output.say(f"MLflow and the gateway write to {self.mlflow.log} and {self.gateway.log.name}")
        for part in (self.mlflow, self.gateway):
            supervisor.start(part)
        supervisor.wait_until(
            self.readiness.mlflow_answers,
            f"Starting {self.mlflow.name}",
            done=f"{self.mlflow.name} answers",
        )
        supervisor.wait_until(
            self.readiness.gateway_answers,
            f"Starting {self.gateway.name}",
            done="The gateway answers",
        )
        self._announce()
        supervisor.watch()

    def _announce(self) -> None:
        servers = self.readiness
        login = self._describe_login()
        address = f"{reachable_host(servers.gateway_host)}:{servers.gateway_port}"
        # One write: a script that waits for the first line finds the others there.
        output.say(
            f"Penstock is ready at http://{address}\n"
            f"  login   {login}\n"
            f"  data    {self.folder.path}\n"
            f"  logs    {self.folder.logs}\n"
            f"  mlflow  http://{LOOPBACK}:{servers.mlflow_port} (asks for no login)\n"
            "  stop    Ctrl-C"
        )

    def _describe_login(self) -> str:
        known = self.readiness.administrator
        if known.source is PasswordSource.UNKNOWN:
            return "with an account of this data folder"
        where = {
            PasswordSource.SETTING: "PENSTOCK_ADMIN_PASSWORD",
            PasswordSource.FILE: str(self.folder.password_file),
        }[known.source]
        if self.readiness.login_is_refused():
            output.warn(f"the password in {where} is not, or no longer, that of {known.username}")
            return "with an account of this data folder"
        return f"{known.username}, password in {where}"
