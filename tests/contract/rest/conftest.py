"""A real MLflow server, a stock client of it, and ours."""

import os
import uuid
from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def stock(mlflow_url) -> Iterator[mlflow.MlflowClient]:
    """MLflow's own client, some of whose methods speak to the address of all."""
    mlflow.set_tracking_uri(mlflow_url)
    yield mlflow.MlflowClient(mlflow_url)
    mlflow.set_tracking_uri(None)


@pytest.fixture
def client(mlflow_url):
    """The client under test."""
    with MlflowClient(mlflow_url) as client:
        yield client


@pytest.fixture
def unique() -> str:
    """A name that nothing on the server has yet."""
    return f"rest-{uuid.uuid4().hex[:12]}"
