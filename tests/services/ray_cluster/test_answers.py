"""`penstock serve --engine ray`, on a real cluster of two nodes."""

import pytest

from contract.serving.running import running_serve
from contract.serving.saved_runs import answers
from penstock.rollout import update_active_runs
from servers import wait_until
from services.ray_cluster.asking import BODIES, READY_SECONDS, Asking

pytestmark = pytest.mark.timeout(600)


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


def _comparable(answer):
    return answer.status, answer.body if 200 == answer.status else answer.json()["error_code"]


def _share(serve, run_id):
    found = answers(serve, 100, body=BODIES[0])
    return sum(count for (run, _), count in found.items() if run == run_id)
