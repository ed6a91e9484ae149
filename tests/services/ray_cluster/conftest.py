"""A cluster of two nodes, and a rollout that is served on it."""

import numpy as np
import pytest

from contract.serving.running import running_serve
from contract.serving.saved_runs import constant, make_scope, save_run
from penstock import MlflowClient
from penstock.models.flavours import infer_signature
from penstock.rollout import update_active_runs
from servers import clean_environment, wait_until
from services.ray_cluster.asking import READY_SECONDS
from services.ray_cluster.nodes import running_nodes


@pytest.fixture(scope="package")
def rollout(mlflow_url):
    """An experiment with two runs that share the requests."""
    import pandas as pd  # noqa: PLC0415 - heavy, and only for this

    rows = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    signature = infer_signature(rows, np.array([1, 1]))
    with MlflowClient(mlflow_url) as client:
        scope = make_scope(client)
        name = scope.submodel_name
        runs = [
            save_run(client, scope, constant(number), signature=signature) for number in range(2)
        ]
        update_active_runs(dict.fromkeys(runs, 0.5), "1.4.0", experiment_name=name, client=client)
        yield client, name, runs


@pytest.fixture(scope="package")
def environment(mlflow_url, tmp_path_factory):
    """What the nodes, and the servers, are told."""
    return clean_environment(
        MLFLOW_TRACKING_URI=mlflow_url,
        PENSTOCK_CACHE_DIR=str(tmp_path_factory.mktemp("cache")),
        PENSTOCK_SERVE_POLL_SECONDS="0.5",
        PENSTOCK_SERVE_MIN_REPLICAS="1",
        PENSTOCK_SERVE_MAX_REPLICAS="2",
        PENSTOCK_SERVE_GROW_SECONDS="1",
        PENSTOCK_SERVE_SHRINK_SECONDS="3",
    )


@pytest.fixture(scope="package")
def nodes(environment):
    """The cluster."""
    with running_nodes(environment) as found:
        yield found


@pytest.fixture(scope="package")
def serve(nodes, rollout, environment, tmp_path_factory):
    """The server on the cluster, with two routers."""
    _, name, _ = rollout
    arguments = ("--engine", "ray", "--ray-address", nodes.address, "--workers", "2")
    folder = tmp_path_factory.mktemp("ray")
    with running_serve(folder, "--experiment", name, *arguments, environment=environment) as found:
        wait_until(found.is_ready, READY_SECONDS, what="/ping answers 200")
        yield found
    assert not nodes.replicas()
