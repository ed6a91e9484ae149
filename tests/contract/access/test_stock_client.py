"""MLflow's own client as an ordinary user: it works on what is its own, and on nothing else."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from gateway.grants import PASSWORD, caller, granting_gateway
from gateway.running import Gateway

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def granting(stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("stock")
    names = {"experiment": "999999", "model": "none"}
    with granting_gateway(folder, stack.mlflow_url, **names) as gateway:
        yield gateway


@pytest.fixture
def login(granting, monkeypatch):
    """Log in as one of the users."""

    def log_in(who: str) -> mlflow.MlflowClient:
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", f"{who}@example.org")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
        mlflow.set_tracking_uri(granting.address.url)
        return mlflow.MlflowClient(granting.address.url)

    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return log_in


TRACED = """
import mlflow, sys
mlflow.set_experiment(experiment_id=sys.argv[1])
with mlflow.start_span("span") as span:
    span.set_inputs({"a": 1})
mlflow.flush_trace_async_logging()
print(span.trace_id)
"""


def traced(gateway: Gateway, experiment_id: str) -> str:
    """Trace a span in a program of its own: MLflow's tracing warns when it starts."""
    environment = {**os.environ, "MLFLOW_TRACKING_URI": gateway.address.url}
    command = [sys.executable, "-W", "ignore", "-c", TRACED, experiment_id]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_a_user_works_on_what_is_their_own(granting, login, tmp_path):
    """Experiment, run, artifacts, registered model, alias and trace, without any grant given."""
    client, name = login("none"), f"own-{uuid.uuid4().hex[:12]}"
    experiment_id = client.create_experiment(name)
    run_id = client.create_run(experiment_id).info.run_id
    client.log_batch(run_id, params=[mlflow.entities.Param("p", "1")])
    client.log_metric(run_id, "m", 1.5)
    (tmp_path / "a file.txt").write_text("content")
    client.log_artifact(run_id, str(tmp_path / "a file.txt"), "model")
    assert ["model/a file.txt"] == [one.path for one in client.list_artifacts(run_id, "model")]
    downloaded = client.download_artifacts(run_id, "model/a file.txt", str(tmp_path / "to"))
    assert "content" == Path(downloaded).read_text()
    client.create_registered_model(name)
    root = client.get_run(run_id).info.artifact_uri
    client.create_model_version(name, f"runs:/{run_id}/model", run_id)
    client.create_model_version(name, f"{root}/model", run_id)
    client.set_registered_model_alias(name, "first", "1")
    assert "1" == client.get_model_version_by_alias(name, "first").version
    assert 1.5 == client.get_metric_history(run_id, "m")[0].value
    model = client.create_logged_model(experiment_id, source_run_id=run_id)
    assert model.model_id == client.get_logged_model(model.model_id).model_id
    trace_id = traced(granting, experiment_id)
    assert ["span"] == [one.name for one in client.get_trace(trace_id).data.spans]
    client.set_trace_tag(trace_id, "k", "v")
    client.delete_run(run_id)
    client.delete_experiment(experiment_id)


def test_what_a_user_makes_is_theirs(granting, login):
    """Whatever they say, of runs, those of the page for prompts, logged models and data sets."""
    client, name = login("none"), f"own-{uuid.uuid4().hex[:12]}"
    forged = {"mlflow.user": "somebody@example.org"}
    experiment_id = client.create_experiment(name)
    run = client.create_run(experiment_id, tags=forged)
    model = client.create_logged_model(experiment_id, tags=forged)
    assert ["none@example.org"] * 2 == [one["mlflow.user"] for one in (run.data.tags, model.tags)]
    assert "none@example.org" == client.create_dataset(name, experiment_id, forged).created_by
    body = {
        "experiment_id": experiment_id,
        "tags": [{"key": "mlflow.user", "value": "somebody@example.org"}],
        "user_id": "somebody@example.org",
        "prompt_template": "{{ question }}",
        "prompt_parameters": [{"key": "question", "value": "why?"}],
        "model_route": "route",
        "model_input": "why?",
        "mlflow_version": mlflow.__version__,
    }
    path = "/ajax-api/2.0/mlflow/runs/create-promptlab-run"
    answer = caller(granting, "NONE").call("POST", path, json.dumps(body).encode(), headers=JSON)
    assert 200 == answer.status, answer.body
    assert "none@example.org" == json.loads(answer.body)["run"]["info"]["user_id"]


def test_another_user_finds_nothing_of_it(login):
    """Neither by id nor by name."""
    client, name = login("none"), f"own-{uuid.uuid4().hex[:12]}"
    experiment_id = client.create_experiment(name)
    run_id = client.create_run(experiment_id).info.run_id
    client.create_registered_model(name)
    other = login("manage")
    assert other.get_experiment_by_name(name) is None
    for call in (
        lambda: other.get_experiment(experiment_id),
        lambda: other.get_run(run_id),
        lambda: other.log_metric(run_id, "m", 1),
        lambda: other.list_artifacts(run_id),
        lambda: other.get_registered_model(name),
        lambda: other.create_run(experiment_id),
    ):
        with pytest.raises(MlflowException) as refusal:
            call()
        assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
