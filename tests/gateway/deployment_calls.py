"""Calls about deployments, and what they answer."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from gateway.wire import Caller
from servers import wait_until

SERVE = "/api/v1/serve"


@dataclass
class Deploys:
    """One caller's calls."""

    caller: Caller
    name: str = "churn"
    env: str = "prod"

    def call(self, method: str, below: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        answer = self.caller.call(method, f"{SERVE}/{below}", content, headers=headers)
        return answer.status, json.loads(answer.body)

    def deploy(self, uri: str = "models:/m/1", **others: Any) -> tuple[int, Any]:
        """Deploy a model."""
        body = {"serve_name": self.name, "model_uri": uri, "env": self.env, **others}
        return self.call("POST", "deploy-model", body)

    def undeploy(self) -> tuple[int, Any]:
        """End what runs."""
        return self.call("POST", "undeploy-model", {"serve_name": self.name, "env": self.env})

    def roll_back(self, deployment_id: int) -> tuple[int, Any]:
        """Deploy an earlier deployment's model again."""
        body = {"env": self.env, "deployment_id": deployment_id}
        return self.call("POST", f"{self.name}/rollback", body)

    def status(self) -> tuple[int, Any]:
        """Ask how it is."""
        return self.call("GET", f"{self.name}/status/{self.env}")

    def history(self, query: str = "") -> Any:
        """Return a page of deployments."""
        status, document = self.call("GET", f"{self.name}/deployments{query}")
        assert 200 == status, document
        return document

    def wait_for(self, wanted: str) -> Any:
        """Wait until the newest deployment has a status, and return what is said of it."""

        def look() -> Any:
            data = self.status()[1]["data"]
            return data if data["status"] == wanted else None

        return wait_until(look, what=f"{self.name} {wanted}")

    def deployed(self, uri: str = "models:/m/1", **others: Any) -> Any:
        """Deploy a model, wait until it answers, and return what is said of it."""
        status, document = self.deploy(uri, **others)
        assert 200 == status, document
        return self.wait_for("RUNNING")


def served(url: str) -> list[str]:
    """Return the arguments of the program that answers at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["arguments"]
