"""The agent, new in each test, in front of a real server."""

import os
import uuid

import pytest

from penstock.agent import MLFlowConfiguration, SingletonMeta


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No settings, no `.env`, no instance and no address of an earlier test."""
    for name in os.environ:
        if name.startswith(("MLFLOW_", "PENSTOCK_")) and not name.startswith("PENSTOCK_TEST"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    yield
    SingletonMeta.reset()
    MLFlowConfiguration.set_tracking_uri(None)


@pytest.fixture
def unique() -> str:
    """A name that nothing on the server has yet."""
    return f"agent-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["direct", "gateway"])
def server(request, stack, monkeypatch) -> str:
    """A stock server, and a gateway in front of it."""
    if request.param == "direct":
        return stack.mlflow_url
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", stack.username)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", stack.password)
    return stack.gateway_url


@pytest.fixture
def agent(server):
    """The facade, which knows its server."""
    MLFlowConfiguration.set_tracking_uri(server)
    return server
