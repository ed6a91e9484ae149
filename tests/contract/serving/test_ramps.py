"""`penstock rollout ramp` by the report of a real `penstock serve`, on a real MLflow server."""

import json
import subprocess

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from contract.serving.load import Load
from contract.serving.running import Serve, ready_serve
from contract.serving.saved_runs import BODY, constant, make_scope, save_run
from penstock import MlflowClient
from penstock.rollout import enable_run, plan
from servers import clean_environment, penstock

pytestmark = pytest.mark.timeout(280)

STEPS = ("--steps", "20,60,100", "--every", "1s", "--requests", "10")


@pytest.fixture(scope="module")
def client(mlflow_url):
    """The light client."""
    with MlflowClient(mlflow_url) as found:
        yield found


@pytest.fixture(scope="module")
def scope(client):
    """A scope of a new experiment."""
    return make_scope(client)


def live(client, scope):
    """Return the fractions that are live."""
    return plan("1.4.0", experiment_id=scope.experiment_id, client=client).active


def ramp(folder, mlflow_url, *arguments: str):
    """Run the command in a process of its own."""
    return subprocess.run(
        penstock("rollout", "ramp", *arguments, "--uri", mlflow_url),
        cwd=folder,
        env=clean_environment(XDG_DATA_HOME=str(folder / "share")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_ramp_goes_by_what_the_server_reports(client, scope, mlflow_url, tmp_path):
    """A run that fails loses its traffic again; one that is fine gets all of it; nobody waits."""
    old, fine = (save_run(client, scope, constant(number)) for number in range(2))
    # Of three numbers, where requests have two: it fails each of them.
    bad = save_run(client, scope, LinearRegression().fit(np.eye(3), [0, 1, 2]))
    enable_run(old, client=client)
    environment = clean_environment(MLFLOW_TRACKING_URI=mlflow_url)
    served = ("--experiment", scope.submodel_name)
    with ready_serve(tmp_path, *served, environment=environment) as serve:
        _check_orders(tmp_path, mlflow_url, serve, run_id=fine)
        assert {old: 1.0} == live(client, scope)
        way = (*STEPS, "--server", f"http://127.0.0.1:{serve.port}")
        load = Load(serve, BODY)
        with load.asking():
            ended = ramp(tmp_path, mlflow_url, bad, *way, "--guard", "error_rate<5%")
            assert (1, {old: 1.0}) == (ended.returncode, live(client, scope)), ended
            assert "error_rate<5% broke at 20 %" in ended.stderr
        assert {200, 500} == set(load.statuses)
        load = Load(serve, BODY)
        guards = ("--guard", "error_rate<5%", "--guard", "p99<60s", "--guard", "outcome>=baseline")
        with load.asking():
            ended = ramp(tmp_path, mlflow_url, fine, *way, *guards, "--json")
        assert (0, {fine: 1.0}) == (ended.returncode, live(client, scope)), ended
        events = [json.loads(line) for line in ended.stdout.splitlines()]
        made = [event["fraction"] for event in events if event["event"] == "step"]
        assert ("ordered", [0.2, 0.6, 1.0]) == (events[0]["event"], made)
        assert ("finished", [fine]) == (events[-1]["event"], [*events[-1]["plan"]["runs"]])
        assert fine in load.runs


def _check_orders(folder, mlflow_url: str, serve: Serve, *, run_id: str) -> None:
    """Check what is shown beforehand, and what is refused; nothing is written."""
    shown = ramp(folder, mlflow_url, run_id[:12], *STEPS, "--guard", "p99<1s", "--dry-run")
    assert (0, "") == (shown.returncode, shown.stderr)
    assert ["3", "100", "%"] == shown.stdout.splitlines()[4].split()[:3]
    assert "this was a dry run" in shown.stdout
    nowhere = folder / "nothing"
    nowhere.mkdir()
    refused = ramp(folder, mlflow_url, run_id, "--guard", "p99<1s", "--data", str(nowhere))
    assert (1, True) == (refused.returncode, "no server has written" in refused.stderr), refused
    stock = ramp(folder, mlflow_url, run_id, "--guard", "p99<1s", "--server", mlflow_url)
    assert (1, True) == (stock.returncode, "no `penstock serve`" in stock.stderr), stock
    gone = f"http://127.0.0.1:{serve.port}/elsewhere"
    lost = ramp(folder, mlflow_url, run_id, "--guard", "p99<1s", "--server", gone)
    assert (1, True) == (lost.returncode, "answers 404" in lost.stderr), lost
