"""Two experiments in a real MLflow, with one of everything that a call can be about."""

import json
import urllib.request
import uuid
from typing import Any


class Mlflow:
    """MLflow itself, which knows no logins."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer; any refusal is an error."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {} if content is None else {"content-type": "application/json"}
        request = urllib.request.Request(
            self._url + path, data=content, method=method, headers=headers
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def post(self, path: str, body: Any) -> Any:
        """Send a JSON body."""
        return self.ask("POST", path, body)


def make_things(mlflow: Mlflow) -> dict[str, str]:
    """Make one experiment with one of everything, and return the ids."""
    v2, v3 = "/api/2.0/mlflow", "/api/3.0/mlflow"
    name = f"access-{uuid.uuid4().hex[:12]}"
    experiment = mlflow.post(f"{v2}/experiments/create", {"name": name})["experiment_id"]
    inside = {"experiment_id": experiment}
    run = mlflow.post(f"{v2}/runs/create", {**inside, "tags": [{"key": "k", "value": "v"}]})
    run_id = run["run"]["info"]["run_id"]
    metric = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1}
    mlflow.post(f"{v2}/runs/log-metric", metric)
    root = f"{experiment}/{run_id}/artifacts"
    mlflow.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/f", b"content")
    model = mlflow.post(f"{v2}/logged-models", {**inside, "source_run_id": run_id})
    model_id = model["model"]["info"]["model_id"]
    otel_trace = uuid.uuid4().hex
    mlflow.post(
        f"{v3}/traces",
        {
            "trace": {
                "trace_info": {
                    "trace_id": f"tr-{otel_trace}",
                    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": inside},
                    "request_time": "2026-01-01T00:00:00Z",
                    "state": "OK",
                }
            }
        },
    )
    dataset = mlflow.post(f"{v3}/datasets/create", {"name": "d", "experiment_ids": [experiment]})
    issue = mlflow.post(f"{v3}/issues", {**inside, "name": "n", "description": "d"})
    schema = {**inside, "name": "schema", "type": "FEEDBACK", "input": {"text": {}}}
    schema_id = mlflow.post(f"{v3}/label-schemas/create", schema)["label_schema"]["schema_id"]
    queue = mlflow.post(
        f"{v3}/review-queues/create", {**inside, "name": "queue", "queue_type": "CUSTOM"}
    )
    mlflow.post(f"{v2}/registered-models/create", {"name": name})
    source = {"source": f"runs:/{run_id}/model", "run_id": run_id}
    mlflow.post(f"{v2}/model-versions/create", {"name": name, **source})
    mlflow.post(f"{v2}/registered-models/alias", {"name": name, "alias": "first", "version": "1"})
    return {
        "experiment": experiment,
        "experiment_name": name,
        "run": run_id,
        "root": root,
        "model": model_id,
        "trace": f"tr-{otel_trace}",
        "otel_trace": otel_trace,
        "dataset": dataset["dataset"]["dataset_id"],
        "issue": issue["issue"]["issue_id"],
        "schema": schema_id,
        "queue": queue["review_queue"]["queue_id"],
        "scorer": uuid.uuid4().hex,
        "registered": name,
        "new": f"new-{uuid.uuid4().hex[:12]}",
    }
