"""Experiments of a real server, reached directly or over the gateway."""

import importlib
import os
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from contract.rollout.sides import SIDES
from contract.rollout.workplace import Workplace
from penstock import MlflowClient
from penstock.rollout.scope import Scope
from penstock.semver import SemVer
from servers import Up

OWN_SETTINGS = {"PENSTOCK_ROUNDS", "PENSTOCK_TEST_MLFLOW_URL"}

# MLflow warns of its own code while this is imported, once.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    importlib.import_module("mlflow.pyfunc")


@pytest.fixture(scope="session", autouse=True)
def requirements() -> Iterator[None]:
    """Let MLflow find out what models of a flavour require once: it takes ten seconds."""
    models = importlib.import_module("mlflow.models")
    find, known = models.infer_pip_requirements, {}

    def find_once(model_uri: str, flavor: str, *args: Any, **options: Any) -> Any:
        if flavor not in known:
            known[flavor] = find(model_uri, flavor, *args, **options)
        return known[flavor]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "infer_pip_requirements", find_once)
        yield


@pytest.fixture(scope="session")
def mlflow_url(request) -> str:
    """The server that PENSTOCK_TEST_MLFLOW_URL names, else the one of the shared stack."""
    named = os.environ.get("PENSTOCK_TEST_MLFLOW_URL")
    return named or request.getfixturevalue("stack").mlflow_url


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """Only what a test sets: no settings of a server, no `.env`."""
    for name in os.environ:
        if name.startswith(("MLFLOW_", "PENSTOCK_")) and name not in OWN_SETTINGS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture(params=SIDES)
def side(request) -> str:
    """The way that the functions under test take."""
    return str(request.param)


@pytest.fixture
def login(request, mlflow_url, side) -> dict[str, str]:
    """What a client of that way is made of."""
    if side == "direct":
        return {"tracking_uri": mlflow_url}
    stack: Up = request.getfixturevalue("stack")
    return {
        "tracking_uri": stack.gateway_url,
        "username": stack.username,
        "password": stack.password,
    }


@pytest.fixture
def client(login) -> Iterator[MlflowClient]:
    """The client that the functions under test speak through."""
    with MlflowClient(**login, retries=0) as client:
        yield client


@pytest.fixture
def plain(mlflow_url) -> Iterator[MlflowClient]:
    """A client of MLflow itself, which may write anything."""
    with MlflowClient(mlflow_url, retries=0) as client:
        yield client


@pytest.fixture
def place(client, plain) -> Workplace:
    """An experiment of one's own."""
    name = f"rollout-{uuid.uuid4().hex[:12]}"
    return Workplace(client, plain, name, plain.create_experiment(name))


@pytest.fixture
def run_ids(place) -> list[str]:
    """Four runs with registered models."""
    return place.add_runs(4, is_registered=True)


@pytest.fixture
def scope(place) -> Scope:
    """The usual scope."""
    return Scope(place.experiment_id, place.name, SemVer(1, 4, 2))
