"""Models that a gateway deploys on a Ray cluster, beside another server on it."""

import json
import urllib.request

import psutil
import pytest

from contract.serving.saved_runs import constant, make_scope, save_run
from gateway.deployment_calls import Deploys
from gateway.processes import started_gateway
from gateway.running import ADMIN, ADMIN_PASSWORD
from gateway.wire import Caller, basic
from penstock import MlflowClient
from servers import free_port, wait_until
from services.ray_cluster.asking import READY_SECONDS, RECOVERY_SECONDS
from services.ray_cluster.nodes import kill

pytestmark = pytest.mark.timeout(600)

BODY = json.dumps({"inputs": [[1.0, 2.0]]}).encode()


@pytest.fixture(scope="module")
def model(mlflow_url):
    """A registered model: version 1 always answers 0, version 2 answers 1."""
    with MlflowClient(mlflow_url) as client:
        scope = make_scope(client)
        for number in range(2):
            save_run(client, scope, constant(number))
        return scope.submodel_name


@pytest.fixture
def deploys(nodes, environment, mlflow_url, tmp_path):
    """The calls of an administrator of a gateway that knows the cluster."""
    port = free_port()
    settings = {
        "UPSTREAM_URL": mlflow_url,
        "SERVE_RAY_ADDRESS": nodes.address,
        "CACHE_DIR": environment["PENSTOCK_CACHE_DIR"],
        "DEPLOY_PORTS": f"{port}-{min(port + 20, 65_535)}",
    }
    with started_gateway(tmp_path / "gateway", **settings) as gateway:
        yield Deploys(Caller(gateway.address, authorization=basic(ADMIN, ADMIN_PASSWORD)))


def test_a_model_is_deployed_exchanged_rolled_back_and_undeployed(serve, nodes, deploys, model):
    """Each deployment answers at an address of its own until the next one is ready.

    A service that is killed comes back to the model that it had on the cluster.
    """
    before = set(nodes.replicas())
    first = _deployed(deploys, deploys.deploy(f"models:/{model}/1", target="ray"))
    assert [0] == _predictions(first["service_url"])
    replicas = set(nodes.replicas()) - before
    assert 1 == len(replicas)
    kill(_service(first["service_url"]))
    wait_until(lambda: 1 == _status(deploys)["restarts"], RECOVERY_SECONDS)
    assert [0] == _predictions(_running(deploys)["service_url"])
    assert replicas == set(nodes.replicas()) - before
    second = _deployed(deploys, deploys.deploy(f"models:/{model}/2", target="ray"))
    assert [1] == _predictions(second["service_url"])
    wait_until(lambda: 1 == len(set(nodes.replicas()) - before), RECOVERY_SECONDS)
    third = _deployed(deploys, deploys.roll_back(first["deployment_id"]))
    assert [0] == _predictions(third["service_url"])
    assert 200 == deploys.undeploy()[0]
    wait_until(lambda: set(nodes.replicas()) <= before, RECOVERY_SECONDS)
    ended = _status(deploys)
    assert ("STOPPED", None) == (ended["status"], ended["active"])
    assert serve.is_ready()


def _deployed(deploys, answer):
    """Wait until what was asked for runs, and return what is said of it."""
    status, document = answer
    assert 200 == status, document
    return _running(deploys)


def _running(deploys):
    def look():
        data = _status(deploys)
        assert "FAILED" != data["status"], data["reason"]
        return data if data["status"] == "RUNNING" else None

    return wait_until(look, READY_SECONDS, what="RUNNING")


def _status(deploys):
    return deploys.status()[1]["data"]


def _service(address):
    """Return the id of the process that listens at an address."""
    port = address.rpartition(":")[2]
    found = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if {"serve", f"--port={port}"} <= set(process.info["cmdline"] or ())
    ]
    assert 1 == len(found)
    return found[0]


def _predictions(address):
    request = urllib.request.Request(f"{address}/invocations", BODY)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["predictions"]
