"""Deployments of a gateway, as commands see them."""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from penstock.cli.server import Server
from penstock.deployments.spec import DeploymentSpec, Target
from penstock.errors import DeploymentError

Document = dict[str, Any]

SERVE: Final = "/api/v1/serve"
POLL_SECONDS: Final = 0.5
OVER: Final = frozenset({"FAILED", "REPLACED", "STOPPED"})


def body_of(spec: DeploymentSpec, target: Target, *, ignores_requirements: bool) -> Document:
    """Return the body of the call that deploys."""
    return {
        "serve_name": spec.serve_name,
        "model_uri": spec.model_uri,
        "env": spec.env,
        "cores": spec.cores,
        "memory": spec.memory,
        "node_capacity": spec.node_capacity.value,
        "min_replicas": spec.min_replicas,
        "max_replicas": spec.max_replicas,
        "target": target.value,
        "ignore_requirements": ignores_requirements,
    }


class Deployed:
    """Calls of one gateway. All raise MlflowException with what it says."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def deploy(self, body: Document) -> Document:
        """Deploy a model; return the deployment, which starts."""
        made: Document = self._server.call("POST", f"{SERVE}/deploy-model", body)["data"]
        return made

    def undeploy(self, serve_name: str, env: str) -> None:
        """End what runs."""
        self._server.call("POST", f"{SERVE}/undeploy-model", {"serve_name": serve_name, "env": env})

    def roll_back(self, serve_name: str, env: str, deployment_id: int) -> Document:
        """Deploy an earlier deployment's model again; return the new deployment."""
        body = {"env": env, "deployment_id": deployment_id}
        path = f"{SERVE}/{quote(serve_name, safe='')}/rollback"
        made: Document = self._server.call("POST", path, body)["data"]
        return made

    def status(self, serve_name: str, env: str) -> Document:
        """Return the newest deployment, and the one that answers."""
        path = f"{SERVE}/{quote(serve_name, safe='')}/status/{quote(env, safe='')}"
        found: Document = self._server.call("GET", path)["data"]
        return found

    def history(self, serve_name: str, *, limit: int) -> list[Document]:
        """Return deployments, the newest first."""
        path = f"{SERVE}/{quote(serve_name, safe='')}/deployments?limit={limit}"
        found: list[Document] = self._server.call("GET", path)["data"]
        return found

    def wait(self, made: Document, *, seconds: float, tick: Callable[[], None]) -> Document:
        """Wait until a deployment answers, and return its status.

        Raises DeploymentError where it does not, with the reason, or not within these seconds.
        """
        deadline = time.monotonic() + seconds
        while True:
            status = self.status(made["serve_name"], made["env"])
            if status["deployment_id"] != made["deployment_id"]:
                raise DeploymentError("another deployment has taken its place meanwhile")
            if status["status"] == "RUNNING":
                return status
            if status["status"] in OVER:
                raise DeploymentError(f"the deployment has failed: {status['reason']}")
            if time.monotonic() > deadline:
                raise DeploymentError(
                    f"not ready within {seconds:g} s, but still starting; look again with "
                    f"`penstock get-serve-status --serve-name {made['serve_name']} "
                    f"--env {made['env']}`"
                )
            tick()
            time.sleep(POLL_SECONDS)
