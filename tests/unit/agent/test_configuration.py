"""The address of the server, when mlflow is in the process as well."""

import sys
import types

import pytest

from penstock.agent import MLFlowConfiguration
from penstock.errors import ConfigurationError
from penstock.sdk import connect


@pytest.fixture
def half_imported(monkeypatch):
    """`mlflow`, as other threads see it while one imports it: without its functions."""
    monkeypatch.setitem(sys.modules, "mlflow", types.ModuleType("mlflow"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")


@pytest.mark.usefixtures("half_imported")
def test_while_another_thread_imports_mlflow_the_settings_count():
    """Nobody can have told mlflow an address yet."""
    assert "http://127.0.0.1:5000" == MLFlowConfiguration.mlflow_connect_tracking_server_uri


@pytest.mark.usefixtures("half_imported")
def test_while_another_thread_imports_mlflow_one_can_connect():
    """What is set in the environment counts for mlflow, too, once it is there."""
    connect("http://127.0.0.1:5001")
    assert "http://127.0.0.1:5001" == MLFlowConfiguration.mlflow_connect_tracking_server_uri


@pytest.mark.parametrize("uri", [5, b"http://127.0.0.1:5000", ["http://127.0.0.1:5000"], True])
def test_an_address_is_a_text(uri):
    """Anything else is told at once, and changes nothing."""
    before = MLFlowConfiguration._uri
    with pytest.raises(ConfigurationError, match="must be a text such as http"):
        MLFlowConfiguration.set_tracking_uri(uri)
    assert before is MLFlowConfiguration._uri
    with pytest.raises(ConfigurationError, match="it is no text; expected http"):
        connect(uri)


@pytest.mark.parametrize("login", [{"username": 5, "password": "x"}, {"token": b"x"}])
def test_a_login_is_texts(login):
    """Nothing is set otherwise."""
    with pytest.raises(ConfigurationError, match="must be a text"):
        connect("http://127.0.0.1:5000", **login)
