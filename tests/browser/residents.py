"""Users of the shared gateway, with an experiment and a run of their own."""

import base64
import json
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from servers import Up

PASSWORD = "a resident's own secret"
V2 = "/api/2.0/mlflow"


@dataclass(frozen=True)
class Caller:
    """One who calls the API with a password."""

    url: str
    email: str
    password: str

    def ask(
        self, method: str, path: str, body: object = None, *, content: bytes | None = None
    ) -> Any:
        """Return the document that answers a call; any refusal is an error."""
        request = urllib.request.Request(self.url + path, method=method, data=content)
        proof = base64.b64encode(f"{self.email}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {proof}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")


@dataclass(frozen=True)
class Resident:
    """A user, and what is theirs."""

    caller: Caller
    experiment_id: str
    run_id: str
    run_name: str

    @property
    def email(self) -> str:
        return self.caller.email

    @property
    def run_path(self) -> str:
        """Where MLflow's pages show the run."""
        return f"/#/experiments/{self.experiment_id}/runs/{self.run_id}"

    def tags(self) -> dict[str, str]:
        """Return the run's tags."""
        run = self.caller.ask("GET", f"{V2}/runs/get?run_id={self.run_id}")["run"]
        return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}

    def upload(self, name: str, content: bytes) -> None:
        """Store an artifact of the run."""
        root = f"{self.experiment_id}/{self.run_id}/artifacts"
        path = f"/api/2.0/mlflow-artifacts/artifacts/{root}/{name}"
        self.caller.ask("PUT", path, content=content)


def administrator(stack: Up) -> Caller:
    """Return the administrator of the shared gateway."""
    return Caller(stack.gateway_url, stack.username, stack.password)


def make_resident(stack: Up, email: str) -> Resident:
    """Make a user who makes an experiment with a run."""
    account = {"email": email, "password": PASSWORD}
    administrator(stack).ask("POST", "/v1/user", account)
    caller = Caller(stack.gateway_url, email, PASSWORD)
    name = f"browsed by {email}"
    experiment_id = caller.ask("POST", f"{V2}/experiments/create", {"name": name})["experiment_id"]
    run_name = f"run of {email.partition('@')[0]}"
    asked = {"experiment_id": experiment_id, "run_name": run_name, "start_time": 1}
    run_id = caller.ask("POST", f"{V2}/runs/create", asked)["run"]["info"]["run_id"]
    return Resident(caller, experiment_id, run_id, run_name)


def under(url: str, name: str) -> str:
    """Return the address of the same port under another host name."""
    return f"http://{name}:{urlsplit(url).port}"
