"""A real MLflow server, a stock client of it, and ours."""

import os
import uuid

import mlflow
import pytest

from penstock import MlflowClient


@pytest.fixture(scope="session")
def mlflow_url(request) -> str:
    """The server that PENSTOCK_TEST_MLFLOW_URL names, else the one of the shared stack."""
    named = os.environ.get("PENSTOCK_TEST_MLFLOW_URL")
    return named or request.getfixturevalue("stack").mlflow_url


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """Only what a test sets: no settings of a server, no proxy, no `.env`."""
    for name in os.environ:
        if name.startswith("MLFLOW_") or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture(scope="session")
def stock(mlflow_url) -> mlflow.MlflowClient:
    """MLflow's own client."""
    mlflow.set_tracking_uri(mlflow_url)
    return mlflow.MlflowClient(mlflow_url)


@pytest.fixture
def client(mlflow_url):
    """The client under test."""
    with MlflowClient(mlflow_url) as client:
        yield client


@pytest.fixture
def unique() -> str:
    """A name that nothing on the server has yet."""
    return f"rest-{uuid.uuid4().hex[:12]}"
