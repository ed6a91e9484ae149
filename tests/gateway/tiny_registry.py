"""A small server in MLflow's place that really creates, renames and deletes, by name."""

import time
from typing import Any

from gateway.tiny_answers import read_arguments, send_found

EXPERIMENTS = "/api/2.0/mlflow/experiments/"
MODELS = "/api/2.0/mlflow/registered-models/"

Found = dict[str, Any]


class TinyRegistry:
    """Carries out what it is asked; while it `is_mute` it does so, too, but says nothing of it."""

    def __init__(self) -> None:
        self.experiments: dict[str, Found] = {}
        self.models: dict[str, Found] = {}
        self.is_mute = False
        self.is_idle = False
        self.carried_out = 0

    def made(self, name: str, owner: str, *, ago: float = 0) -> Found:
        """Return something that somebody has made, some seconds ago."""
        moment = int((time.time() - ago) * 1000)
        tags = [{"key": "mlflow.user", "value": owner}]
        return {
            "name": name,
            "creation_time": moment,
            "creation_timestamp": moment,
            "tags": tags,
            "artifact_location": "mlflow-artifacts:/x",
        }

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        answer = self._answer(scope["path"], await read_arguments(scope, receive))
        if self.is_mute and scope["method"] != "GET":
            await receive()  # until the caller has left
        await send_found(send, answer)

    def _answer(self, path: str, given: dict[str, Any]) -> Found | None:
        if path == "/api/3.0/mlflow/server-info":
            return {"version": "3.17.2"}
        if self.is_idle and not path.endswith(("/get", "/get-by-name")):
            return {}
        self.carried_out += not path.endswith(("/get", "/get-by-name"))
        if path.startswith(MODELS):
            return self._about_model(path.removeprefix(MODELS), given)
        return self._about_experiment(path.removeprefix(EXPERIMENTS), given)

    def _about_model(self, action: str, given: dict[str, Any]) -> Found | None:
        name = given["name"]
        if action == "create":
            self.models[name] = {**self.made(name, ""), "tags": given["tags"]}
        found = self.models.get(name)
        if found is not None and action in {"rename", "delete"}:
            del self.models[name]
        if found is not None and action == "rename":
            self.models[given["new_name"]] = found | {"name": given["new_name"]}
        return None if found is None else {"registered_model": found}

    def _about_experiment(self, action: str, given: dict[str, Any]) -> Found | None:
        if action == "create":
            number = str(len(self.experiments) + 1)
            made = self.made(given["name"], "") | {"tags": given["tags"]}
            self.experiments[number] = made | {"experiment_id": number}
            return {"experiment_id": number}
        if action == "get-by-name":
            named = (one for one in self.experiments.values() if one["name"] == given[_NAME])
            return next(({"experiment": one} for one in named), None)
        found = self.experiments.get(given["experiment_id"])
        if found is not None and action == "update":
            found["name"] = given["new_name"]
        return None if found is None else {"experiment": found}


_NAME = "experiment_name"
