"""A small server in MLflow's place that has one registered model, and the files of its versions.

The model `m` has three versions, each of one run of experiment 1; `champion` is version 2, and
version 3 is in Production. Versions' files lie in MLflow's own store.
"""

from typing import Any

from gateway.tiny_answers import read_arguments, send_found, tiny_server

tiny_models = tiny_server

RUNS = {"1": "a" * 32, "2": "b" * 32, "3": "c" * 32}
FILE_CALLS = "/api/2.0/mlflow-artifacts/artifacts"
MLMODEL = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmodel_uuid: '{}'\n"

EXPERIMENT = {
    "experiment_id": "1",
    "name": "churn",
    "lifecycle_stage": "active",
    "artifact_location": "mlflow-artifacts:/1",
}


def root_of(version: str) -> str:
    """Return where the model of a version lies, in the store."""
    return f"1/{RUNS[version]}/artifacts/model"


class TinyModels:
    """Answers as MLflow does, and counts what it is asked."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Let everything be as in the beginning."""
        self.calls: list[str] = []
        self.champion = "2"
        self.files: dict[str, bytes] = {}
        for version in RUNS:
            self.put(version, "MLmodel", MLMODEL.format(version))
            self.put(version, "requirements.txt", "pytest\n")

    def put(self, version: str, name: str, content: str) -> None:
        """Let a version have a file."""
        self.files[f"{root_of(version)}/{name}"] = content.encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = await read_arguments(scope, receive)
        path = scope["path"]
        self.calls.append(path)
        found = (
            self._file(path, given) if path.startswith(FILE_CALLS) else self._answer(path, given)
        )
        await send_found(send, found)

    def _file(self, path: str, given: dict[str, Any]) -> Any:
        name = path.removeprefix(FILE_CALLS).strip("/")
        folder = given.get("path", "").strip("/")
        return self.files.get(name) if name else self._listed(folder, f"{folder}/")

    def _listed(self, folder: str, root: str) -> Any:
        files = [
            {"path": file.removeprefix(root), "is_dir": False, "file_size": len(content)}
            for file, content in self.files.items()
            if file.startswith(f"{folder}/")
        ]
        return {"files": files}

    def _answer(self, path: str, given: dict[str, Any]) -> Any:
        below = path.rpartition("/mlflow")[2]
        run = given.get("run_id") or given.get("run_uuid") or ""
        root = f"1/{run}/artifacts/"
        answers: dict[str, tuple[bool, Any]] = {
            "/server-info": (True, {"version": "3.17.2"}),
            "/experiments/get": (given.get("experiment_id") == "1", {"experiment": EXPERIMENT}),
            "/runs/get": (run in RUNS.values(), {"run": _run(run)}),
            "/artifacts/list": (
                True,
                {
                    "root_uri": f"mlflow-artifacts:/{root}",
                    **self._listed(root + given.get("path", ""), root),
                },
            ),
            "/logged-models/search": (True, {"models": []}),
            "/registered-models/get": (
                given.get("name") == "m",
                {"registered_model": {"name": "m"}},
            ),
        }
        if below in answers:
            is_known, found = answers[below]
            return found if is_known else None
        return self._version(below, given) if given.get("name") == "m" else None

    def _version(self, below: str, given: dict[str, Any]) -> Any:
        version = given.get("version", "")
        if below == "/registered-models/get-latest-versions":
            wanted = given.get("stages") or ["None"]
            return {"model_versions": [_version("3")] if "Production" in wanted else []}
        if below == "/registered-models/alias":
            known = given.get("alias") == "champion"
            return {"model_version": _version(self.champion)} if known else None
        if version not in RUNS:
            return None
        if below == "/model-versions/get-download-uri":
            return {"artifact_uri": f"mlflow-artifacts:/{root_of(version)}"}
        return {"model_version": _version(version)} if below == "/model-versions/get" else None


def _run(run_id: str) -> dict[str, Any]:
    info = {
        "run_id": run_id,
        "run_uuid": run_id,
        "experiment_id": "1",
        "status": "FINISHED",
        "start_time": 1,
        "lifecycle_stage": "active",
        "artifact_uri": f"mlflow-artifacts:/1/{run_id}/artifacts",
    }
    return {"info": info, "data": {}}


def _version(version: str) -> dict[str, Any]:
    return {
        "name": "m",
        "version": version,
        "run_id": RUNS[version],
        "source": f"mlflow-artifacts:/{root_of(version)}",
        "status": "READY",
        "creation_timestamp": int(version),
        "last_updated_timestamp": int(version),
        "current_stage": "Production" if version == "3" else "None",
    }
