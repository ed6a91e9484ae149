"""How many replicas there are: none of a run that is live no more, of others what load needs."""

import pytest

from contract.serving.saved_runs import answers
from penstock.rollout import enable_run
from servers import wait_until
from services.ray_cluster.asking import BODIES, RECOVERY_SECONDS, Asking

pytestmark = pytest.mark.timeout(600)


def test_a_run_that_is_live_no_more_loses_its_deployment(serve, nodes, rollout):
    """And one that comes gets its own; nobody fails meanwhile."""
    client, _, (first, second) = rollout
    with Asking(serve) as asking:
        for run in (first, second):
            enable_run(run, client=client)
            wait_until(lambda run=run: _is_alone(serve, run), RECOVERY_SECONDS)
            wait_until(lambda: 1 == len(nodes.replicas("Model")), RECOVERY_SECONDS)
    assert 0 == asking.failures, asking.statuses


def test_a_model_has_as_many_replicas_as_its_load_needs(serve, nodes):
    """Another one under load, up to the most; without it the least again, and nobody fails."""
    wait_until(lambda: 1 == len(nodes.replicas("Model")), RECOVERY_SECONDS)
    # Requests of several rows are not gathered into one.
    with Asking(serve, callers=16, body=BODIES[1]) as asking:
        wait_until(lambda: 2 == len(nodes.replicas("Model")), RECOVERY_SECONDS)
    wait_until(lambda: 1 == len(nodes.replicas("Model")), RECOVERY_SECONDS)
    assert 200 == serve.ask("/invocations", BODIES[1]).status
    assert 0 == asking.failures, asking.statuses


def _is_alone(serve, run_id):
    return {run_id} == {run for run, _ in answers(serve, 5, body=BODIES[0])}
