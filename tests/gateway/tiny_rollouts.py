"""A small server in MLflow's place that keeps experiments, runs and their tags, as rollouts ask.

It can be made to fail at a call, before or after it has done what was asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.tiny_answers import UNKNOWN, read_arguments, send_answer, tiny_server

tiny_rollouts = tiny_server

SET_TAG = "/experiments/set-experiment-tag"
LOG_BATCH = "/runs/log-batch"
SEARCH_RUNS = "/runs/search"
GET_EXPERIMENT = "/experiments/get"

Answer = tuple[int, Any]
Fault = Callable[[str, dict[str, Any]], Awaitable[Answer | None]]
"""Told of a call's path and arguments; may answer in its place, wait, or break off."""


async def no_fault(_path: str, _arguments: dict[str, Any]) -> Answer | None:
    """Let a call take its course."""
    return None


class BrokenOffError(Exception):
    """Raised by a fault: the connection ends without an answer."""


@dataclass
class KeptRun:
    """A run: its scope, and what was logged, by step."""

    experiment_id: str
    params: dict[str, str]
    metrics: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    stage: str = "active"

    def document(self, run_id: str) -> dict[str, Any]:
        info = {
            "run_id": run_id,
            "run_uuid": run_id,
            "experiment_id": self.experiment_id,
            "status": "FINISHED",
            "start_time": 1,
            "lifecycle_stage": self.stage,
            "artifact_uri": f"mlflow-artifacts:/{self.experiment_id}/{run_id}/artifacts",
        }
        metrics = [
            {"key": key, "value": value, "step": step, "timestamp": at}
            for key, (step, at, value) in self.metrics.items()
        ]
        data = {"metrics": metrics, "params": _pairs(self.params), "tags": _pairs(self.tags)}
        return {"info": info, "data": data}


class TinyRollouts:
    """Answers as MLflow does; `before` and `after` may make a call fail on either side of it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything but two experiments without runs."""
        self.tags: dict[str, dict[str, str]] = {"1": {}, "2": {}}
        self.stages = {"1": "active", "2": "active"}
        self.runs: dict[str, KeptRun] = {}
        self.calls: list[str] = []
        self.logins: set[str] = set()
        self.before: Fault = no_fault
        self.after: Fault = no_fault

    def add_run(
        self, run_id: str, *, submodel: str = "churn", version: str = "1.4.0", experiment: str = "1"
    ) -> str:
        """Add a run that has been saved, and return its id."""
        names = ("major_version", "minor_version", "micro_version")
        numbers = dict(zip(names, version.split("."), strict=True))
        params = {"submodel_name": submodel, **numbers}
        new = {"active_state": (0, 1, 1.0), "test_fraction": (0, 1, 0.0)}
        tags = {"penstock.status": "New", "penstock.fraction": "0.0", "penstock.revision": "0"}
        self.runs[run_id] = KeptRun(experiment, params, new, tags)
        return run_id

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        arguments = await read_arguments(scope, receive)
        path = scope["path"].partition("/mlflow")[2]
        self.calls.append(path)
        sent = dict(scope["headers"])
        self.logins.add(sent.get(b"authorization", b"").decode())
        try:
            status, answer = await self._answer(path, arguments)
        except BrokenOffError:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-length", b"100")],
                }
            )
            raise
        await send_answer(send, status, answer)

    async def _answer(self, path: str, arguments: dict[str, Any]) -> Answer:
        early = await self.before(path, arguments)
        if early is not None:
            return early
        answer = self._carry_out(path, arguments)
        return await self.after(path, arguments) or answer

    def _carry_out(self, path: str, given: dict[str, Any]) -> Answer:
        found: Any = None
        if path == "/server-info":
            found = {"version": "3.17.2"}
        elif path == GET_EXPERIMENT and given["experiment_id"] in self.tags:
            found = {"experiment": self._experiment(given["experiment_id"])}
        elif path == SET_TAG and given["experiment_id"] in self.tags:
            self.tags[given["experiment_id"]][given["key"]] = given["value"]
            found = {}
        elif path == SEARCH_RUNS:
            found = {"runs": self._found(given["experiment_ids"], given.get("filter", ""))}
        elif path == "/runs/get" and given["run_id"] in self.runs:
            found = {"run": self.runs[given["run_id"]].document(given["run_id"])}
        elif path == LOG_BATCH:
            found = self._log(given)
        elif path == "/model-versions/search":
            found = {"model_versions": []}
        return (404, UNKNOWN) if found is None else (200, found)

    def _experiment(self, number: str) -> dict[str, Any]:
        return {
            "experiment_id": number,
            "name": f"experiment-{number}",
            "artifact_location": f"mlflow-artifacts:/{number}",
            "lifecycle_stage": self.stages[number],
            "tags": _pairs(self.tags[number]),
        }

    def _found(self, experiments: list[str], condition: str) -> list[dict[str, Any]]:
        """Return runs by id or by being live; who asks checks their params again."""
        by_id, by_state = "run_id IN" in condition, "active_state >= 2" in condition
        return [
            run.document(run_id)
            for run_id, run in self.runs.items()
            if run.experiment_id in experiments
            and run.stage == "active"
            and (not by_id or f"'{run_id}'" in condition)
            and (not by_state or run.metrics.get("active_state", (0, 0, 0.0))[2] >= 2)
        ]

    def _log(self, given: dict[str, Any]) -> dict[str, Any]:
        run = self.runs[given["run_id"]]
        for metric in given.get("metrics", ()):
            new = (int(metric["step"]), int(metric["timestamp"]), float(metric["value"]))
            run.metrics[metric["key"]] = max(run.metrics.get(metric["key"], new), new)
        run.tags |= {tag["key"]: tag["value"] for tag in given.get("tags", ())}
        return {}


def refuse(status: int, code: str, message: str = "no") -> tuple[int, dict[str, str]]:
    """Return an answer by which MLflow refuses."""
    return status, {"error_code": code, "message": message}


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]
