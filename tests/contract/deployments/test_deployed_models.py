"""A model behind `penstock up`: it answers, comes back after a crash and with the gateway."""

import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from sklearn.dummy import DummyClassifier

from penstock import MlflowClient
from penstock.models import register_version, upload_model
from servers import Up, penstock, running_up, wait_until

pytestmark = pytest.mark.timeout(280)

SERVICE = ("--serve-name", "churn", "--env", "prod")
BODY = json.dumps({"inputs": [[1.0, 2.0]]}).encode()
READY_SECONDS = 120


def command(up: Up, name: str, *options: str) -> Any:
    """Run a command of deployments, and return its JSON document."""
    answer = subprocess.run(
        penstock(name, *SERVICE, *options, "--json"),
        env=up.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == answer.returncode, answer.stderr + up.report()
    return json.loads(answer.stdout)


def find_prediction(address: str) -> object:
    """Return what the service answers, or None while nobody answers there."""
    request = urllib.request.Request(f"{address}/invocations", BODY)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["predictions"]
    except OSError:
        return None


def listener(up: Up, port: int) -> psutil.Process:
    """Return the process below `penstock up` that listens on a port."""
    owners = [
        process
        for process in up.descendants()
        if f"--port={port}" in process.cmdline() and "serve" in process.cmdline()
    ]
    return owners[-1]


def save_model(up: Up, constant: int) -> None:
    """Register a version of `churn` that always answers a number."""
    login = f"{up.username}:{up.password}@"
    with MlflowClient(up.gateway_url.replace("://", f"://{login}", 1)) as client:
        found = client.get_experiment_by_name("churn")
        experiment_id = found.experiment_id if found else client.create_experiment("churn")
        run_id = client.create_run(experiment_id).info.run_id
        model = DummyClassifier(strategy="constant", constant=constant)
        model.fit(np.zeros((2, 2)), [0, 1])
        made = upload_model(client, run_id, model, pip_requirements=["scikit-learn"])
        register_version(client, "churn", source=made.model_uri, run_id=run_id)


def test_a_deployed_model_answers_whatever_ends(tmp_path: Path):
    """After `kill -9` of its process, and after `penstock up` has ended and begun again."""
    with running_up(tmp_path) as up:
        save_model(up, 1)
        made = command(up, "deploy-model", "--model-uri", "models:/churn/1")
        address = made["service_url"]
        assert ("RUNNING", [1]) == (made["status"], find_prediction(address))
        port = int(address.rpartition(":")[2])
        service = listener(up, port)
        os.kill(service.pid, signal.SIGKILL)
        wait_until(lambda: not service.is_running())
        wait_until(lambda: [1] == find_prediction(address), READY_SECONDS)
        assert 1 == command(up, "get-serve-status")["restarts"]
    assert find_prediction(address) is None
    with running_up(tmp_path) as up:
        wait_until(lambda: [1] == find_prediction(address), READY_SECONDS)
