"""Callers of `/v1` in front of a real MLflow: by what they are granted, with JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.grants import caller, granting_gateway, restore_grants
from gateway.running import Gateway

JSON = {"content-type": "application/json"}
STRANGER, READER, EDITOR, MANAGER, ADMINISTRATOR = "NONE", "READ", "EDIT", "MANAGE", "ADMINISTRATOR"


class Own:
    """Makes calls as the holder of a level on one experiment and one registered model."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def call(self, who: str | None, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        content = None if body is None else json.dumps(body).encode()
        answer = caller(self.gateway, who).call(method, path, content, headers=JSON)
        assert ["application/json"] == answer.all("content-type")
        return answer.status, json.loads(answer.body)

    def data(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Return what a call that must succeed answers with."""
        status, answer = self.call(who, method, path, body)
        assert (status in {200, 201}, "SUCCESS") == (True, answer.get("status")), answer
        return answer.get("data")

    def refused(self, who: str | None, method: str, path: str, body: Any = None) -> int:
        """Return the status of a call that must be refused, in the shape of `/v1`."""
        status, answer = self.call(who, method, path, body)
        assert {"detail"} == set(answer), (status, answer)
        assert "sqlite" not in answer["detail"].lower()
        return status

    def grant(self, things: dict[str, str]) -> None:
        """Give each caller their level on these things, and on nothing else."""
        restore_grants(self.gateway, experiment=things["experiment"], model=things["registered"])


@contextmanager
def own_calls(folder: Path, mlflow_url: str) -> Iterator[Own]:
    """Run a gateway of one's own in front of an MLflow server until the block ends."""
    with granting_gateway(folder, mlflow_url, experiment="999999", model="none") as gateway:
        yield Own(gateway)
