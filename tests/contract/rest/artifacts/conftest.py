"""MLflow's own client and ours, on the server itself and through the gateway."""

from collections.abc import Iterator
from typing import NamedTuple

import mlflow
import pytest

from penstock import MlflowClient


class Pair(NamedTuple):
    """Two clients of the same server, and an experiment for both."""

    stock: mlflow.MlflowClient
    ours: MlflowClient
    experiment_id: str

    def new_run(self) -> str:
        return self.stock.create_run(self.experiment_id).info.run_id


@pytest.fixture(params=["direct", "gateway"])
def pair(request, no_settings, stock, unique) -> Iterator[Pair]:
    """Both clients, one way and the other."""
    experiment_id = stock.create_experiment(unique)
    if request.param == "direct":
        url, login = stock.tracking_uri, {}
    else:
        stack = request.getfixturevalue("stack")
        url, login = stack.gateway_url, {"username": stack.username, "password": stack.password}
        no_settings.setenv("MLFLOW_TRACKING_USERNAME", stack.username)
        no_settings.setenv("MLFLOW_TRACKING_PASSWORD", stack.password)
    no_settings.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with MlflowClient(url, **login) as ours:
        yield Pair(mlflow.MlflowClient(url), ours, experiment_id)


@pytest.fixture
def run_id(stock, unique) -> str:
    """A run without artifacts."""
    return stock.create_run(stock.create_experiment(unique)).info.run_id
