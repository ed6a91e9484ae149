"""`penstock rollout ramp` by the report of a real `penstock serve`, on a real MLflow server."""

import json
from typing import NamedTuple

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from contract.serving.load import Load
from contract.serving.running import ready_serve
from contract.serving.saved_runs import BODY, constant, make_scope, save_run
from penstock import MlflowClient
from penstock.cli.app import app
from penstock.cli.outcome import run
from penstock.rollout import enable_run, plan
from servers import clean_environment

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


class Ended(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def ramp(mlflow_url, tmp_path, monkeypatch, capsys):
    """Return the command, with a folder of its own for how far it has come."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Ended:
        code = run(app, ["rollout", "ramp", *arguments, "--uri", mlflow_url])
        return Ended(code, *capsys.readouterr())

    return call


def test_a_ramp_goes_by_what_the_server_reports(client, scope, ramp, mlflow_url, tmp_path):
    """A run that fails loses its traffic again; one that is fine gets all of it; nobody waits."""
    old, fine = (save_run(client, scope, constant(number)) for number in range(2))
    # Of three numbers, where requests have two: it fails each of them.
    bad = save_run(client, scope, LinearRegression().fit(np.eye(3), [0, 1, 2]))
    enable_run(old, client=client)
    environment = clean_environment(MLFLOW_TRACKING_URI=mlflow_url)
    served = ("--experiment", scope.submodel_name)
    with ready_serve(tmp_path, *served, environment=environment) as serve:
        address = f"http://127.0.0.1:{serve.port}"
        _check_orders(ramp, tmp_path, fine, addresses=(mlflow_url, address))
        assert {old: 1.0} == live(client, scope)
        way = (*STEPS, "--server", address)
        load = Load(serve, BODY)
        with load.asking():
            ended = ramp(bad, *way, "--guard", "error_rate<5%")
            assert (1, {old: 1.0}) == (ended.code, live(client, scope)), ended
            assert "error_rate<5% broke at 20 %" in ended.err
            note = plan("1.4.0", experiment_id=scope.experiment_id, client=client).note
            assert note in ended.err
            assert "the guard error_rate<5% broke at 20 %: 100 % of" in note
        assert {200, 500} == set(load.statuses)
        load = Load(serve, BODY)
        guards = ("--guard", "error_rate<5%", "--guard", "p99<60s", "--guard", "outcome>=baseline")
        with load.asking():
            ended = ramp(fine, *way, *guards, "--json")
        assert (0, {fine: 1.0}) == (ended.code, live(client, scope)), ended
        events = [json.loads(line) for line in ended.out.splitlines()]
        made = [event["fraction"] for event in events if event["event"] == "step"]
        assert ("ordered", [0.2, 0.6, 1.0]) == (events[0]["event"], made)
        assert ("finished", [fine]) == (events[-1]["event"], [*events[-1]["plan"]["runs"]])
        assert fine in load.runs


def _check_orders(ramp, folder, run_id, *, addresses):
    """Check what is shown beforehand, and what is refused; nothing is written."""
    stock_url, own_url = addresses
    shown = ramp(run_id[:12], *STEPS, "--guard", "p99<1s", "--dry-run")
    assert (0, "") == (shown.code, shown.err)
    assert ["3", "100", "%"] == shown.out.splitlines()[4].split()[:3]
    assert "this was a dry run" in shown.out
    nowhere = folder / "nothing"
    nowhere.mkdir()
    refused = ramp(run_id, "--guard", "p99<1s", "--data", str(nowhere))
    assert (1, True) == (refused.code, "no server has written" in refused.err), refused
    stock = ramp(run_id, "--guard", "p99<1s", "--server", stock_url)
    assert (1, True) == (stock.code, "no `penstock serve`" in stock.err), stock
    lost = ramp(run_id, "--guard", "p99<1s", "--server", f"{own_url}/elsewhere")
    assert (1, True) == (lost.code, "answers 404" in lost.err), lost
