"""How the gateway itself speaks to MLflow about rollouts."""

from contextlib import closing

from gateway.tiny_rollouts import TinyRollouts, tiny_rollouts
from penstock.gateway.rollouts.tracking import Tracking
from servers import free_port


def test_settings_of_clients_in_its_environment_are_not_its_own(monkeypatch):
    """Neither a login nor a proxy: both may be of another server."""
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "somebody")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "of another server")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    mlflow = TinyRollouts()
    with (
        tiny_rollouts(mlflow) as address,
        closing(Tracking(address.url, connect_seconds=5, seconds=5)) as tracking,
    ):
        assert {} == tracking.tags("1")
    assert {""} == mlflow.logins
