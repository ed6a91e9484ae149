"""The gateway's rollouts in front of a real MLflow."""

import json
import multiprocessing
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from math import fsum

import pytest

from contract.access.things import Mlflow
from contract.rest.writer.own_mlflow import own_mlflow
from contract.rollout.writers import Errand, write_many
from gateway.processes import started_gateway
from gateway.rollout_calls import Plans
from gateway.running import Gateway, running_gateway
from gateway.threads import Address
from gateway.wire import Caller, basic
from penstock.rest import MlflowClient
from penstock.rollout import change_status, disable_run, enable_run, history, rollback
from penstock.rollout.codec import decode, plan_tag
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope
from penstock.semver import SemVer
from servers import wait_until

V2 = "/api/2.0/mlflow"
PROCESSES, CHANGES = 8, 25


def make_runs(mlflow: Mlflow, count: int, submodel: str = "churn") -> tuple[str, list[str]]:
    """Make an experiment with saved runs of one scope that nobody has declared yet."""
    name = f"rollout-{uuid.uuid4().hex[:12]}"
    experiment = mlflow.post(f"{V2}/experiments/create", {"name": name})["experiment_id"]
    return experiment, [make_run(mlflow, experiment, submodel) for _ in range(count)]


def make_run(mlflow: Mlflow, experiment: str, submodel: str) -> str:
    """Make a run with the params of a saved one."""
    made = mlflow.post(f"{V2}/runs/create", {"experiment_id": experiment, "start_time": 1})
    run_id: str = made["run"]["info"]["run_id"]
    params = {
        "submodel_name": submodel,
        "major_version": 1,
        "minor_version": 4,
        "micro_version": 0,
    }
    pairs = [{"key": key, "value": str(value)} for key, value in params.items()]
    mlflow.post(f"{V2}/runs/log-batch", {"run_id": run_id, "params": pairs})
    return run_id


def told(mlflow: Mlflow, experiment: str, submodel: str = "churn") -> Plan:
    """Return the plan that MLflow's tag holds."""
    tag = plan_tag(Scope(experiment, submodel, SemVer(1, 4, 0)))
    answer = mlflow.ask("GET", f"{V2}/experiments/get?experiment_id={experiment}")
    tags = {one["key"]: one["value"] for one in answer["experiment"]["tags"]}
    return decode(tags[tag], experiment, tag=tag)


def state(mlflow: Mlflow, run_id: str) -> tuple[str | None, float | None]:
    """Return what a run itself says of its status and fraction."""
    data = mlflow.ask("GET", f"{V2}/runs/get?run_id={run_id}")["run"]["data"]
    tags = {one["key"]: one["value"] for one in data.get("tags", ())}
    metrics = {one["key"]: one["value"] for one in data.get("metrics", ())}
    return tags.get("penstock.status"), metrics.get("test_fraction")


def declare(plans: Plans, run_ids: list[str]) -> None:
    """Tell the gateway that these runs have been saved."""
    for run_id in run_ids:
        answer, document = plans.call("POST", "/runs", {"run_id": run_id})
        assert 200 == answer.status, document


@pytest.fixture(scope="module")
def mlflow(mlflow_url) -> Mlflow:
    return Mlflow(mlflow_url)


@pytest.fixture(scope="module")
def callers(stack, tmp_path_factory) -> Iterator[tuple[Caller, Caller]]:
    """Administrators of two gateways on one database, in front of one MLflow."""
    folder = tmp_path_factory.mktemp("second")
    database = f"sqlite:///{stack.data / 'penstock.db'}"
    authorization = basic(stack.username, stack.password)
    host, port = stack.gateway_url.removeprefix("http://").split(":")
    with started_gateway(folder, UPSTREAM_URL=stack.mlflow_url, DATABASE_URL=database) as second:
        yield (
            Caller(Address(host, int(port)), authorization=authorization),
            Caller(second.address, authorization=authorization),
        )


def test_of_two_hundred_changes_by_eight_processes_none_is_lost_silently(callers, mlflow):
    """Each is in the history or got 412; every plan that anybody reads adds up to 1."""
    experiment, runs = make_runs(mlflow, 3)
    plans = Plans(callers[0], experiment=experiment)
    declare(plans, runs)
    addresses = tuple((one.address.host, one.address.port) for one in callers)
    errands = [
        Errand(addresses, callers[0].authorization, experiment, tuple(runs), seed, CHANGES)
        for seed in range(PROCESSES)
    ]
    done, sums = threading.Event(), set()

    def look() -> None:
        while not done.wait(0.1):
            if plans.read()["revision"]:
                sums.add(round(fsum(told(mlflow, experiment).active.values()), 9))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
            reports = list(pool.map(write_many, errands))
    finally:
        done.set()
        looking.join()
    written = [plan for report in reports for plan in report.written]
    refused = [status for report in reports for status in report.refused]
    assert (PROCESSES * CHANGES, {412}) == (len(written) + len(refused), set(refused))
    assert {1.0} == sums.union(*(report.sums for report in reports))
    history = {plan["revision"]: plan for plan in plans.read("/history?limit=1000")}
    assert list(range(len(history), 0, -1)) == list(history)
    # A change that says what the plan says already is answered with that revision.
    assert set(history) == {plan["revision"] for plan in written}
    assert [] == [plan for plan in written if plan != history[plan["revision"]]]
    newest = history[len(history)]
    present = told(mlflow, experiment)
    assert (newest["revision"], newest["updated_by"]) == (present.revision, present.updated_by)
    for run_id in runs:
        fraction = present.fraction_of(run_id)
        status = "Active" if fraction else "Disabled"
        assert state(mlflow, run_id) in {(status, fraction), ("New", 0.0)}, run_id


def test_a_rollout_shows_in_mlflow(callers, mlflow):
    """Runs, stages and aliases follow; a stock reader finds what a reader of the plan does."""
    name = f"team/{uuid.uuid4().hex[:8]} 'ünï'"
    experiment, (first, second) = make_runs(mlflow, 2, name)
    plans = Plans(callers[0], submodel=name, experiment=experiment)
    declare(plans, [first, second])
    assert ("New", 0.0) == state(mlflow, first)
    model = {"name": name.replace("/", "%2F")}
    mlflow.post(f"{V2}/registered-models/create", model)
    for run_id in (first, second):
        source = {"source": f"mlflow-artifacts:/{experiment}/{run_id}/artifacts/model"}
        mlflow.post(f"{V2}/model-versions/create", {**model, **source, "run_id": run_id})
    body = {
        "runs": {
            first: {"status": "Active", "fraction": 1.0},
            second: {"status": "Canary", "fraction": 0},
        }
    }
    assert 200 == plans.put(body, 0)[0]
    assert [("Active", 1.0), ("Canary", 0.0)] == [state(mlflow, one) for one in (first, second)]
    found = mlflow.post(f"{V2}/registered-models/get-latest-versions", model)["model_versions"]
    stages = {one["version"]: one["current_stage"] for one in found}
    assert {"1": "Production", "2": "Staging"} == stages
    assert 200 == plans.call("POST", "/rollback", {"revision": 0}, If_Match='"1"')[0].status
    assert ("Disabled", 0.0) == state(mlflow, first)
    other = Plans(callers[1], submodel=name, experiment=experiment)
    assert [2, 1] == [plan["revision"] for plan in other.read("/history")]
    experiments = callers[1].call("GET", f"/v1/rollouts?experiment_id={experiment}")
    assert [name] == [one["submodel_name"] for one in json.loads(experiments.body)["data"]]


def test_the_client_s_functions_change_plans_over_the_gateway(callers, stack, mlflow):
    """Each is one revision, by who has logged in; going back is one more."""
    submodel = "churn / 50%"
    experiment, (first, second) = make_runs(mlflow, 2, submodel)
    declare(Plans(callers[0], submodel=submodel, experiment=experiment), [first, second])
    named = {"experiment_id": experiment, "submodel_name": submodel}
    with MlflowClient(
        stack.gateway_url, username=stack.username, password=stack.password
    ) as client:
        assert {first: 1.0} == enable_run(first, client=client).active
        shared = change_status(second, "Active", 0.25, client=client)
        assert {first: 0.75, second: 0.25} == shared.active
        assert {second: 1.0} == disable_run(first, client=client).active
        assert shared.active == rollback(2, "1.4.0", **named, client=client).active
        told_of = history("1.4.0", **named, client=client)
    assert [4, 3, 2, 1] == [one.revision for one in told_of]
    assert {stack.username} == {one.updated_by for one in told_of}
    assert [("Active", 0.75), ("Active", 0.25)] == [state(mlflow, one) for one in (first, second)]


@pytest.fixture
def mortal(tmp_path) -> Iterator[tuple[Gateway, object, Mlflow]]:
    """A gateway in front of an MLflow that a test kills."""
    with own_mlflow(tmp_path) as server:
        server.start()
        with running_gateway(tmp_path / "gateway", server.url) as gateway:
            yield gateway, server, Mlflow(server.url)


def test_an_mlflow_that_dies_between_row_and_tag_loses_no_plan(mortal, monkeypatch):
    """The caller is told, and once it is back, row, tag and runs say the same.

    The old plan, where nothing had been sent; the new one, where the connection broke.
    """
    gateway, server, mlflow = mortal
    experiment, runs = make_runs(mlflow, 2)
    plans = Plans(gateway.admin, experiment=experiment)
    declare(plans, runs)
    bodies = [{"runs": {run_id: {"status": "Active", "fraction": 1.0}}} for run_id in runs]
    assert 200 == plans.put(bodies[0], 0)[0]
    tracking = gateway.app.parts.rollouts.tracking
    real = tracking.write

    def kill_first(row: object) -> None:
        server.kill()
        real(row)

    with monkeypatch.context() as patched:
        patched.setattr(tracking, "write", kill_first)
        answer, _ = plans.call("PUT", body=bodies[1], If_Match='"1"')
    assert (503, ["5"]) == (answer.status, answer.all("retry-after"))
    server.start()
    plan = wait_until(plans.read, what="the plan")
    revision = plan["revision"]
    holds = {1: runs[0], 2: runs[1]}[revision]
    assert (revision, {holds: 1.0}) == (
        told(mlflow, experiment).revision,
        told(mlflow, experiment).active,
    )
    assert 200 == plans.put(bodies[1], revision)[0]
    assert [2, 1] == [one["revision"] for one in plans.read("/history")]
    assert {runs[1]: 1.0} == told(mlflow, experiment).active
    assert [("Disabled", 0.0), ("Active", 1.0)] == [state(mlflow, one) for one in runs]
