"""`penstock serve` follows a rollout, on a real MLflow server."""

import os
import signal
import socket
import subprocess
import threading
from collections import Counter

import mlflow.pyfunc
import psutil
import pytest

from contract.models.forwarder import Forwarder
from contract.serving.load import Load
from contract.serving.running import ready_serve, running_serve
from contract.serving.saved_runs import BODY, answers, constant, make_scope, save_run
from penstock import MlflowClient
from penstock.models import save_model
from penstock.rollout import canary_run, enable_run, update_active_runs
from servers import clean_environment, penstock, wait_until

pytestmark = pytest.mark.timeout(280)

CHANGES = 20
KILLS = (6, 13)


@pytest.fixture(scope="module")
def address(mlflow_url):
    """The variables by which a server finds MLflow."""
    return clean_environment(MLFLOW_TRACKING_URI=mlflow_url)


@pytest.fixture(scope="module")
def client(mlflow_url):
    """The light client."""
    with MlflowClient(mlflow_url) as found:
        yield found


@pytest.fixture(scope="module")
def scope(client):
    """An experiment with runs of one version, each of which always answers its own number."""
    place = make_scope(client)
    runs = [save_run(client, place, constant(number)) for number in range(3)]
    return place.submodel_name, runs


def test_the_traffic_is_the_rollout(address, client, scope, tmp_path):
    """With nothing live it says so. Then runs, fractions and canaries change, and none fails."""
    name, (first, second, third) = scope
    arguments = ("--experiment", name, "--model-version", "1.4.*")
    with running_serve(tmp_path, *arguments, environment=address) as serve:
        wait_until(lambda: "is Active" in serve.log.read_text(), 60)
        assert (503, True) == (serve.ask("/ping").status, b"Active" in serve.ask("/ping").body)
        update_active_runs({first: 0.5, second: 0.5}, "1.4.0", experiment_name=name, client=client)
        wait_until(serve.is_ready, 60)
        assert {(first, 0), (second, 1)} == set(answers(serve))
        statuses, is_over = Counter(), threading.Event()

        def keep_asking():
            while not is_over.is_set():
                statuses[serve.ask("/invocations", BODY).status] += 1

        asking = threading.Thread(target=keep_asking)
        asking.start()
        try:
            canary_run(second, client=client)
            wait_until(lambda: {(first, 0)} == set(answers(serve, 20)), 30)
            enable_run(third, client=client)
            wait_until(lambda: {(third, 2)} == set(answers(serve, 20)), 30)
        finally:
            is_over.set()
            asking.join()
        assert {200} == set(statuses)
        assert "1.4.0" == serve.ask("/invocations", BODY).headers["x-penstock-version"]
        wait_until(lambda: serve.ask("/report").json()["runs"][1]["different"], 30)


def test_an_outage_stops_nobody(address, client, scope, tmp_path):
    """With MLflow gone or silent, a server that starts anew serves from plan and cache."""
    name, (first, *_) = scope
    enable_run(first, client=client)
    arguments = ("--experiment", name, "--model-version", "1.4.0")
    way = Forwarder(address["MLFLOW_TRACKING_URI"])
    environment = {**address, "MLFLOW_TRACKING_URI": way.url}
    with ready_serve(tmp_path, *arguments, environment=environment) as serve:
        assert {(first, 0)} == set(answers(serve, 3))
        way.cut()
        wait_until(lambda: "the last one holds" in serve.log.read_text(), 60)
        assert {(first, 0)} == set(answers(serve, 3))
        assert serve.is_ready()
    with ready_serve(tmp_path, *arguments, environment=environment) as serve:
        assert {(first, 0)} == set(answers(serve, 3))
    way.fall_silent()
    with ready_serve(tmp_path, *arguments, environment=environment) as serve:
        assert "the last plan holds until it comes" in serve.log.read_text()
        assert {(first, 0)} == set(answers(serve, 3))
    way.cut()


def test_changes_and_kills_under_load_cost_nobody_an_answer(address, client, scope, tmp_path):
    """Every request is answered at the first attempt, and every connection stays."""
    name, (first, second, _) = scope
    update_active_runs({first: 0.5, second: 0.5}, "1.4.0", experiment_name=name, client=client)
    arguments = ("--experiment", name, "--workers", "2")
    with ready_serve(tmp_path, *arguments, environment=address) as serve:
        wait_until(lambda: 2 == len(serve.workers()), 120)
        load = Load(serve, BODY)
        with load.asking():
            for number in range(CHANGES):
                share = 0.1 + 0.8 * number / CHANGES
                shares = {first: share, second: 1 - share}
                update_active_runs(shares, "1.4.0", experiment_name=name, client=client)
                if number in KILLS:
                    kill_a_worker(serve)
        assert {200} == set(load.statuses)
        assert 0 == load.lost
        assert {first, second} == set(load.runs)
        enable_run(first, client=client)
        wait_until(lambda: {(first, 0)} == set(answers(serve, 20)), 120)
        page = serve.ask("/metrics").body.decode()
        counts = [line for line in page.splitlines() if 'status="200"' in line]
        assert sum(float(line.rpartition(" ")[2]) for line in counts) >= sum(load.statuses.values())
        (dispatcher,) = serve.dispatchers()
        os.kill(dispatcher, signal.SIGKILL)
        wait_until(lambda: {dispatcher} != set(serve.dispatchers()) != set(), 60)
        wait_until(serve.is_ready, 60)
        # The other worker may be some seconds behind.
        wait_until(lambda: {(first, 0)} == set(answers(serve, 20)), 60)
        told = serve.workers()[0]
        load = Load(serve, BODY)
        with load.asking():
            os.kill(told, signal.SIGTERM)
            wait_until(lambda: told not in serve.workers() and 2 == len(serve.workers()), 120)
        assert ({200}, 0) == (set(load.statuses), load.lost)
    assert serve.process.returncode == 0


def test_a_frozen_worker_is_replaced_and_nobody_waits_for_ever(address, client, scope, tmp_path):
    """Others answer meanwhile; what it was asked goes to another one when it is given up."""
    name, (first, *_) = scope
    enable_run(first, client=client)
    few = {**address, "PENSTOCK_SERVE_SECONDS": "5"}
    with ready_serve(tmp_path, "--experiment", name, "--workers", "2", environment=few) as serve:
        wait_until(lambda: 2 == serve.log.read_text().count("a worker answers"), 120)
        frozen, other = serve.workers()
        load = Load(serve, BODY)
        with load.asking():
            os.kill(frozen, signal.SIGSTOP)
            wait_until(lambda: frozen not in serve.workers() and 2 == len(serve.workers()), 120)
        assert ({200}, 0) == (set(load.statuses), load.lost)
        (dispatcher,) = serve.dispatchers()
        for pid in (other, dispatcher):
            os.kill(pid, signal.SIGSTOP)
        below = {other, dispatcher}
        wait_until(lambda: not below & {*serve.workers(), *serve.dispatchers()}, 120)
        wait_until(lambda: serve.dispatchers() and serve.is_ready(), 60)


def test_nothing_is_left_when_the_supervisor_is_killed(address, client, scope, tmp_path):
    """Not even a worker that is frozen."""
    name, (first, *_) = scope
    enable_run(first, client=client)
    arguments = ("--experiment", name, "--workers", "2")
    with ready_serve(tmp_path, *arguments, environment=address) as serve:
        wait_until(lambda: 2 == len(serve.workers()), 120)
        below = [*serve.workers(), *serve.dispatchers()]
        os.kill(below[0], signal.SIGSTOP)
        serve.process.kill()
        serve.process.wait()
        wait_until(lambda: not any(psutil.pid_exists(pid) for pid in below), 60)


def test_a_request_that_ends_its_workers_is_refused(address, tmp_path):
    """Two are enough; the next request meets their successors."""
    model = tmp_path / "model"
    save_model(deadly(), model, pip_requirements=[])
    with ready_serve(tmp_path, str(model), "--workers", "2", environment=address) as serve:
        refused = serve.ask("/invocations", {"inputs": ["end"]})
        assert (500, True) == (refused.status, b"2 workers ended" in refused.body)
        assert [1] == serve.ask("/invocations", {"inputs": ["go on"]}).json()["predictions"]


def test_a_load_that_hangs_holds_up_no_end(address, tmp_path):
    """The server ends when it is told to, whatever a model is at."""
    model, mark = tmp_path / "model", tmp_path / "loading"
    save_model(hanging(mark), model, pip_requirements=[])
    mark.unlink(missing_ok=True)
    with running_serve(tmp_path, str(model), environment=address) as serve:
        wait_until(mark.exists, 60)
        assert 503 == serve.ask("/ping").status
    assert 0 == serve.process.returncode


def hanging(mark):
    """Return a model that leaves a mark when it is loaded, and then hangs."""

    class Hanging(mlflow.pyfunc.PythonModel):
        def load_context(self, context):  # noqa: ARG002 - MLflow passes it by its name
            mark.touch()
            threading.Event().wait()

        def predict(self, model_input: list[str]) -> list[int]:
            return [len(model_input)]

    return Hanging()


def deadly():
    """Return a model that ends its process when told to, in a form that any process can load."""

    class Deadly(mlflow.pyfunc.PythonModel):
        def predict(self, model_input: list[str]) -> list[int]:
            if "end" in model_input:
                os.kill(os.getpid(), signal.SIGKILL)
            return [1]

    return Deadly()


def kill_a_worker(serve):
    """End one at once, and wait for another in its place."""
    worker, *_ = serve.workers()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker not in serve.workers() and 2 == len(serve.workers()), 120)


def test_a_model_by_its_alias_follows_it(address, client, scope, tmp_path):
    """When the alias moves, the new version answers."""
    name, _ = scope
    client.set_registered_model_alias(name, "champion", "1")
    uri = f"models:/{name}@champion"
    with ready_serve(tmp_path, uri, environment=address) as serve:
        assert {0} == {answer for _, answer in answers(serve, 5)}
        client.set_registered_model_alias(name, "champion", "3")
        wait_until(lambda: {2} == {answer for _, answer in answers(serve, 5)}, 30)
        assert "3" == serve.ask("/invocations", BODY).headers["x-penstock-version"]


def test_a_port_that_is_taken_is_told(tmp_path):
    """One line, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            penstock("serve", "models:/churn/1", "--port", port),
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert 1 == answer.returncode
    assert "choose another with --host and --port" in answer.stderr
