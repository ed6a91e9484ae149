"""Trackers on a real MLflow server."""

import os
import uuid
from pathlib import Path

import pytest

from penstock import MlflowClient
from penstock.lineage import MLFlowMetadataTracker

ODD_IDS = [
    "my-model",
    "model.v1",
    "mine and yours",
    'it\'s "quoted"',
    "modèle 模型 \U0001f600",
    "50% `off`; --",
    "x" * 300,
    "_x22_",
    "../up",
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """Only what a test sets: no settings of a server, no `.env`."""
    for name in os.environ:
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def name() -> str:
    """The name of an experiment that nobody has yet."""
    return f"lineage-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def begin(mlflow_url, name):
    """Begin a tracker; all are stopped at the end of the test."""
    begun = []

    def begin(**conf: str) -> MLFlowMetadataTracker:
        given = {"mlflow_tracking_uri": mlflow_url, "mlflow_experiment_name": name, **conf}
        begun.append(MLFlowMetadataTracker(conf=given))
        return begun[-1]

    yield begin
    for tracker in begun:
        tracker.stop()
        tracker.client.close()


@pytest.fixture
def tracker(begin) -> MLFlowMetadataTracker:
    return begin()


@pytest.fixture
def client(mlflow_url):
    with MlflowClient(mlflow_url) as client:
        yield client


@pytest.fixture
def file(tmp_path) -> Path:
    """A file to log."""
    path = tmp_path / "report.html"
    path.write_text("<p>fine</p>")
    return path
