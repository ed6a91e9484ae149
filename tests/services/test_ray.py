"""`penstock serve --engine ray`, on a real cluster of two nodes."""

import threading
from collections import Counter

import numpy as np
import pytest

from contract.serving.running import running_serve
from contract.serving.saved_runs import answers, constant, make_scope, save_run
from penstock import MlflowClient
from penstock.models.flavours import infer_signature
from penstock.rollout import enable_run, update_active_runs
from servers import clean_environment, wait_until
from services.ray_nodes import kill, running_nodes

pytestmark = pytest.mark.timeout(600)

READY_SECONDS = 240
RECOVERY_SECONDS = 90

BODIES = (
    {"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2.0]]}},
    {"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2.0], [3.0, 4.0]]}},
    {"dataframe_records": [{"a": 1.5, "b": 2}]},
    {"inputs": {"a": [1.0], "b": [2.0]}},
    {"dataframe_split": {"columns": ["a"], "data": [[1.0]]}},
    {"dataframe_split": {"columns": ["a", "b"], "data": [["x", 2.0]]}},
    {"nothing": 1},
)


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def environment(mlflow_url, tmp_path_factory):
    """What the nodes, and the servers, are told."""
    return clean_environment(
        MLFLOW_TRACKING_URI=mlflow_url,
        PENSTOCK_CACHE_DIR=str(tmp_path_factory.mktemp("cache")),
        PENSTOCK_SERVE_POLL_SECONDS="0.5",
    )


@pytest.fixture(scope="module")
def nodes(environment):
    """The cluster."""
    with running_nodes(environment) as found:
        yield found


@pytest.fixture(scope="module")
def serve(nodes, rollout, environment, tmp_path_factory):
    """The server on the cluster, with two routers."""
    _, name, _ = rollout
    arguments = ("--engine", "ray", "--ray-address", nodes.address, "--workers", "2")
    folder = tmp_path_factory.mktemp("ray")
    with running_serve(folder, "--experiment", name, *arguments, environment=environment) as found:
        wait_until(found.is_ready, READY_SECONDS, what="/ping answers 200")
        yield found
    assert not nodes.replicas()


class Asking:
    """Asks all the time in a thread; counts what it gets."""

    def __init__(self, serve) -> None:
        self.statuses = Counter()
        self.refusals = []
        self._serve = serve
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def failures(self):
        return self.statuses.total() - self.statuses[200]

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                answer = self._serve.ask("/invocations", BODIES[0])
                self.statuses[answer.status] += 1
                if 200 != answer.status:
                    self.refusals.append(answer.body)
            except OSError as error:
                self.statuses[type(error).__name__] += 1


def test_answers_are_those_of_models_in_the_same_process(serve, rollout, environment, tmp_path):
    """The same statuses and bytes, for all forms, and for what is wrong."""
    _, name, runs = rollout
    arguments = ("--experiment", name)
    with running_serve(tmp_path, *arguments, environment=environment) as local:
        wait_until(local.is_ready, READY_SECONDS)
        for key in ("one", "another", "a third"):
            for body in BODIES:
                expected = local.ask("/invocations", body, key=key)
                found = serve.ask("/invocations", body, key=key)
                # What MLflow says of a wrong request names its fields in any order.
                assert _comparable(expected) == _comparable(found), body
                run = "x-penstock-run"
                assert expected.headers.get(run) == found.headers.get(run)
    assert set(runs) == {run for run, _ in answers(serve, body=BODIES[0])}


def test_feedback_is_kept_once_for_all_routers(serve):
    """Whichever router is told, each outcome counts, and a second one is refused."""
    ids = [serve.ask("/invocations", BODIES[0]).headers["x-penstock-request"] for _ in range(12)]
    for number in ids:
        assert 200 == serve.ask("/feedback", {"request_id": number, "outcome": 1.0}).status
    assert 409 == serve.ask("/feedback", {"request_id": ids[0], "outcome": 2.0}).status
    runs = serve.ask("/report").json()["runs"]
    assert 12 == sum(run["outcomes"] for run in runs)


def test_new_fractions_need_no_new_replica(serve, nodes, rollout):
    """Traffic follows the plan; all processes are those of before."""
    client, name, (first, second) = rollout
    before = nodes.replicas()
    with Asking(serve) as asking:
        fractions = {first: 0.9, second: 0.1}
        update_active_runs(fractions, "1.4.0", experiment_name=name, client=client)
        wait_until(lambda: 85 <= _share(serve, first) < 100, 30)
    assert before == nodes.replicas()
    assert 0 == asking.failures, asking.statuses


def test_a_killed_replica_is_replaced_and_nobody_waits_in_vain(serve, nodes):
    """Requests that it had are asked again, of its successor if need be."""
    before = nodes.replicas("Model")
    with Asking(serve) as asking:
        kill(min(before))
        wait_until(lambda: len(nodes.replicas("Model")) == len(before), RECOVERY_SECONDS)
        wait_until(lambda: 2 == len(answers(serve, 40, body=BODIES[0])), RECOVERY_SECONDS)
    assert min(before) not in nodes.replicas("Model")
    assert 0 == asking.failures, asking.statuses


def test_a_run_that_is_live_no_more_loses_its_deployment(serve, nodes, rollout):
    """And one that comes gets its own; nobody fails meanwhile."""
    client, _, (first, second) = rollout
    with Asking(serve) as asking:
        for run in (first, second):
            enable_run(run, client=client)
            wait_until(lambda run=run: _is_alone(serve, run), RECOVERY_SECONDS)
            wait_until(lambda: 1 == len(nodes.replicas("Model")), RECOVERY_SECONDS)
    assert 0 == asking.failures, asking.statuses


def _comparable(answer):
    return answer.status, answer.body if 200 == answer.status else answer.json()["error_code"]


def _is_alone(serve, run_id):
    return {run_id} == {run for run, _ in answers(serve, 5, body=BODIES[0])}


def _share(serve, run_id):
    found = answers(serve, 100, body=BODIES[0])
    return sum(count for (run, _), count in found.items() if run == run_id)
