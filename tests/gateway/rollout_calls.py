"""Calls about rollouts, with JSON and with the headers that say which revision is meant."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gateway.wire import Answer, Caller

A, B, C = "a" * 32, "b" * 32, "c" * 32


def active(**fractions: float) -> dict[str, Any]:
    """Return the body of a plan of Active runs, named by their letters."""
    return {
        "runs": {
            letter * 32: {"status": "Active", "fraction": fraction}
            for letter, fraction in fractions.items()
        }
    }


@dataclass
class Plans:
    """One caller's calls about one scope."""

    caller: Caller
    submodel: str = "churn"
    version: str = "1.4.0"
    experiment: str = "1"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address of the plan."""
        return f"/v1/rollout/{self.experiment}/{quote(self.submodel, safe='')}/{self.version}"

    def call(
        self, method: str, below: str = "", body: Any = None, **headers: str
    ) -> tuple[Answer, Any]:
        """Return an answer and its JSON."""
        content = None if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.caller.call(method, self.path + below, content, headers=sent)
        return answer, json.loads(answer.body) if answer.body else None

    def put(self, body: Any, follows: int | None) -> tuple[int, Any]:
        """Return status and JSON of a change."""
        headers = {} if follows is None else {"If_Match": f'"{follows}"'}
        answer, document = self.call("PUT", body=body, **headers)
        return answer.status, document

    def read(self, below: str = "") -> Any:
        """Return the plan, or what stands below it."""
        answer, document = self.call("GET", below)
        assert 200 == answer.status, document
        return document["data"]

    def fractions(self, below: str = "") -> dict[str, float]:
        """Return the fractions of the Active runs by their letters."""
        return {
            run_id[0]: run["fraction"]
            for run_id, run in self.read(below)["runs"].items()
            if run["status"] == "Active"
        }
