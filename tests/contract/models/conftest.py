"""A real MLflow server, with and without the gateway before it, and a client of it."""

import os
import uuid

import pytest

from penstock import MlflowClient


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """Only what a test sets: no settings of a server, no `.env`."""
    for name in os.environ:
        if name.startswith(("MLFLOW_", "PENSTOCK_")) and not name.startswith("PENSTOCK_TEST"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture(params=["direct", "gateway"])
def mlflow_url(request, stack, no_settings) -> str:
    """The address of a stock server, and of a gateway in front of it, which knows the login."""
    if request.param == "direct":
        return stack.mlflow_url
    no_settings.setenv("MLFLOW_TRACKING_USERNAME", stack.username)
    no_settings.setenv("MLFLOW_TRACKING_PASSWORD", stack.password)
    return stack.gateway_url


@pytest.fixture
def client(mlflow_url):
    """The light client."""
    with MlflowClient(mlflow_url, retries=0) as client:
        yield client


@pytest.fixture
def unique() -> str:
    """A name that nothing on the server has yet."""
    return f"models-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def run_id(client, unique) -> str:
    """A new run."""
    return client.create_run(client.create_experiment(unique)).info.run_id
