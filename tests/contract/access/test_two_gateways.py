"""Two gateway processes on one database, in front of a real MLflow: what one is told, both obey.

What ends is tried again and again in the other process until it has ended, for a second at most.
"""

import base64
import json
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from contract.access.things import Mlflow
from servers import Up, clean_environment, free_port, penstock, wait_until

ADMIN, PASSWORD = "admin@localhost", "correct horse battery"
ANN, ANNS_PASSWORD = "ann@example.org", "a long and secret word"
SECOND = 1
"""Until when a change must hold in the other process."""


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


class Gateway:
    """A gateway process, asked as one caller or another."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, proof: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status of an answer, and its JSON, None where it has none."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"authorization": proof, "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as refusal:
            with refusal:
                return refusal.code, None

    def tell(self, method: str, path: str, body: Any = None) -> Any:
        """Do something as the administrator; return what came of it."""
        status, answer = self.ask(basic(ADMIN, PASSWORD), method, path, body)
        assert status in {200, 201}, (method, path, status)
        return answer.get("data")

    def status(self, proof: str, path: str) -> int:
        return self.ask(proof, "GET", path)[0]

    def is_ready(self) -> bool:
        try:
            return self.status("", "/ready") == 200
        except URLError:
            return False


@contextmanager
def gateway_process(folder: Path, upstream: str) -> Iterator[Gateway]:
    port = free_port()
    options = ("--upstream", upstream, "--data", str(folder), "--port", str(port))
    process = subprocess.Popen(
        penstock("gateway", *options),
        cwd=folder,
        env=clean_environment(PENSTOCK_ADMIN_PASSWORD=PASSWORD),
    )
    try:
        gateway = Gateway(port)
        wait_until(gateway.is_ready, 60, what="the gateway is ready")
        yield gateway
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def gateways(stack: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Gateway]]:
    """Two processes on one new database."""
    folder = tmp_path_factory.mktemp("two")
    with ExitStack() as running:
        first = running.enter_context(gateway_process(folder, stack.mlflow_url))
        second = running.enter_context(gateway_process(folder, stack.mlflow_url))
        first.tell("POST", "/v1/user", {"email": ANN, "password": ANNS_PASSWORD})
        yield [first, second]


@pytest.fixture
def experiment(stack: Up) -> str:
    """An experiment of MLflow's own, which no account has a grant on."""
    made = Mlflow(stack.mlflow_url).post(
        "/api/2.0/mlflow/experiments/create", {"name": f"two-{uuid.uuid4().hex}"}
    )
    return f"/api/2.0/mlflow/experiments/get?experiment_id={made['experiment_id']}"


def holds(other: Gateway, proof: str, path: str, status: int) -> None:
    """See that the other process answers so, within a second."""
    wait_until(lambda: status == other.status(proof, path), SECOND, what=f"{path} answers {status}")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["told the first", "told the second"])
def test_what_one_is_told_the_other_obeys(gateways, experiment, order):
    """A grant given, changed and taken back; a revoked token; a disabled user, enabled again."""
    told, other = (gateways[number] for number in order)
    proof = basic(ANN, ANNS_PASSWORD)
    number = experiment.rpartition("=")[2]
    assert [404, 404] == [one.status(proof, experiment) for one in gateways]

    grant = {"subject": f"user:{ANN}", "kind": "experiment", "pattern": f"id:{number}"}
    made = told.tell("POST", "/v1/grant", {**grant, "level": "READ"})
    assert 200 == told.status(proof, experiment)
    holds(other, proof, experiment, 200)
    told.tell("POST", "/v1/grant", {**grant, "level": "NONE"})
    assert 404 == told.status(proof, experiment)
    holds(other, proof, experiment, 404)
    told.tell("POST", "/v1/grant", {**grant, "level": "READ"})

    token = told.ask(proof, "POST", "/v1/token", {"name": f"two-{uuid.uuid4().hex}"})[1]["data"]
    bearer = f"Bearer {token['token']}"
    holds(other, bearer, experiment, 200)
    told.tell("DELETE", f"/v1/token/{token['id']}")
    assert 401 == told.status(bearer, experiment)
    holds(other, bearer, experiment, 401)

    holds(other, proof, experiment, 200)
    told.tell("PUT", f"/v1/user/{ANN}", {"disabled": True})
    assert 401 == told.status(proof, experiment)
    holds(other, proof, experiment, 401)
    told.tell("PUT", f"/v1/user/{ANN}", {"disabled": False})
    holds(other, proof, experiment, 200)
    told.tell("DELETE", f"/v1/grant/{made['id']}")
    holds(other, proof, experiment, 404)
