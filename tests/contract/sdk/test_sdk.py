"""The short way for notebooks, on a real server and through the gateway."""

import os
import subprocess
import sys
import uuid

import mlflow.sklearn
import pytest
from sklearn.linear_model import LinearRegression

from penstock import MlflowClient, sdk
from penstock.errors import ConfigurationError, MlflowException

MODEL = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
SETTINGS = ("URI", "USERNAME", "PASSWORD", "TOKEN")


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """No settings but those of the test, and none is left behind."""
    for name in os.environ:
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    for name in SETTINGS:
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", "")
    monkeypatch.chdir(tmp_path)
    yield
    mlflow.set_tracking_uri(None)


@pytest.fixture
def unique() -> str:
    """A name that nothing on the server has yet."""
    return f"sdk-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["direct", "gateway"])
def connected(request, stack):
    """Connected to a stock server, and to a gateway."""
    if request.param == "direct":
        sdk.connect(stack.mlflow_url)
    else:
        sdk.connect(stack.gateway_url, stack.username, stack.password)


@pytest.mark.usefixtures("connected")
def test_a_model_is_logged_registered_and_found(unique):
    """The deployment URI has the documented form; MLflow's own client loads from it."""
    uri = sdk.log_model(MODEL, mlflow.sklearn, experiment_name=unique, tags={"team": "ä"})
    with MlflowClient() as client:
        experiment = client.get_experiment_by_name(unique)
        (run,) = client.iter_runs([experiment.experiment_id])
        assert ("FINISHED", "ä") == (run.info.status, run.data.tags["team"])
        expected = f"{experiment.experiment_id}/{run.info.run_id}/artifacts/model"
        assert f"mlflow-artifacts:/{expected}" == uri == sdk.model_uri(run.info.run_id)
        version = sdk.register_model(unique, run)
        assert (unique, "1", run.info.run_id) == (version.name, version.version, version.run_id)
    assert [4.0] == pytest.approx(mlflow.sklearn.load_model(uri).predict([[2.0]]))
    assert [4.0] == pytest.approx(mlflow.sklearn.load_model(version.model_uri).predict([[2.0]]))


@pytest.mark.usefixtures("connected")
def test_the_active_run_of_mlflow_is_used(unique):
    """In a notebook that started one with MLflow's own call."""
    mlflow.set_experiment(unique)
    with mlflow.start_run() as run:
        uri = sdk.log_model(MODEL, "sklearn", pip_requirements=["mlflow"])
    assert f"/{run.info.run_id}/" in uri
    assert uri == sdk.model_uri(run)


@pytest.mark.usefixtures("connected")
def test_a_model_that_cannot_be_saved_leaves_no_run(unique):
    """And without a run or an experiment it is asked which one is meant."""
    with pytest.raises(MlflowException):
        sdk.log_model(object(), "sklearn", experiment_name=unique)
    with MlflowClient() as client:
        assert client.get_experiment_by_name(unique) is None
    with pytest.raises(MlflowException, match="Pass run_id or experiment_name"):
        sdk.log_model(MODEL, "sklearn")


def test_connecting_sets_what_clients_read():
    """For children too; a token and a password take each other's place."""
    sdk.connect("http://127.0.0.1:1", "ann", "a secret")
    script = "import os; print(os.environ['MLFLOW_TRACKING_PASSWORD'])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert b"a secret\n" == said.stdout
    sdk.connect(token="t")
    assert "MLFLOW_TRACKING_PASSWORD" not in os.environ
    assert ("t", "http://127.0.0.1:1") == (
        os.environ["MLFLOW_TRACKING_TOKEN"],
        os.environ["MLFLOW_TRACKING_URI"],
    )
    sdk.connect(username="ann", password="p")
    assert "MLFLOW_TRACKING_TOKEN" not in os.environ


def test_a_login_in_the_address_is_set_apart():
    """So that nobody sees it where the address is shown."""
    sdk.connect(token="t")
    sdk.connect("http://ann%40example.org:a%2Fb@127.0.0.1:1/path")
    assert "MLFLOW_TRACKING_TOKEN" not in os.environ
    assert ("http://127.0.0.1:1/path", "ann@example.org", "a/b") == tuple(
        os.environ[f"MLFLOW_TRACKING_{name}"] for name in ("URI", "USERNAME", "PASSWORD")
    )
    assert mlflow.get_tracking_uri() == "http://127.0.0.1:1/path"


@pytest.mark.parametrize(
    "given",
    [
        {"username": "ann"},
        {"password": "p"},
        {"username": "a", "password": "p", "token": "t"},
        {"uri": "nonsense", "token": "t"},
        {"uri": "http://ann:p@127.0.0.1:1", "token": "t"},
    ],
)
def test_half_a_login_is_refused(given):
    """And nothing is set."""
    with pytest.raises(ConfigurationError):
        sdk.connect(**given)
    assert [""] * 4 == [os.environ[f"MLFLOW_TRACKING_{name}"] for name in SETTINGS]
