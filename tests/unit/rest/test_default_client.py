"""The client that stays, for callers who bring none."""

import os

import pytest

from penstock.errors import ConfigurationError
from penstock.rest.default_client import MOST_CLIENTS, default_client


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    """Only what a test sets."""
    for name in os.environ:
        if name.startswith(("MLFLOW_", "PENSTOCK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def test_the_same_settings_have_one_client(settings):
    """Whoever sets another address or login has another; the way back leads to the first."""
    settings.setenv("MLFLOW_TRACKING_URI", "http://one.example")
    first = default_client()
    assert first is default_client()
    settings.setenv("MLFLOW_TRACKING_TOKEN", "another")
    second = default_client()
    assert first is not second
    settings.setenv("MLFLOW_TRACKING_URI", "http://two.example")
    assert "http://two.example" == default_client().tracking_uri
    settings.delenv("MLFLOW_TRACKING_TOKEN")
    settings.setenv("MLFLOW_TRACKING_URI", "http://one.example")
    assert first is default_client()


def test_the_clients_of_old_settings_go(settings):
    """A process that changes its settings for ever does not grow."""
    settings.setenv("MLFLOW_TRACKING_URI", "http://first.example")
    first = default_client()
    for number in range(MOST_CLIENTS):
        settings.setenv("MLFLOW_TRACKING_URI", f"http://{number}.example")
        default_client()
    settings.setenv("MLFLOW_TRACKING_URI", "http://first.example")
    assert first is not default_client()


@pytest.mark.usefixtures("settings")
def test_settings_without_an_address_are_said():
    """As for every client."""
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_URI"):
        default_client()
