"""What dies on a cluster: a replica, a router, a whole node."""

from collections import Counter

import pytest

from contract.serving.saved_runs import answers
from servers import wait_until
from services.ray_cluster.asking import BODIES, RECOVERY_SECONDS, Asking
from services.ray_cluster.nodes import kill

pytestmark = pytest.mark.timeout(600)


def test_a_killed_replica_is_replaced_and_nobody_waits_in_vain(serve, nodes):
    """Requests that it had are asked again, of its successor if need be."""
    before = nodes.replicas("Model")
    with Asking(serve) as asking:
        kill(min(before))
        wait_until(lambda: _has_successor(nodes, "Model", before), RECOVERY_SECONDS)
        wait_until(lambda: 2 == len(answers(serve, 40, body=BODIES[0])), RECOVERY_SECONDS)
    assert 0 == asking.failures, asking.statuses


def test_a_killed_router_is_replaced_and_the_other_answers(serve, nodes):
    """What it was answering is all that is lost."""
    before = nodes.replicas("Router")
    with Asking(serve) as asking:
        kill(min(before))
        wait_until(lambda: _has_successor(nodes, "Router", before), RECOVERY_SECONDS)
        answered = asking.statuses[200]
        wait_until(lambda: asking.statuses[200] > answered + 20, RECOVERY_SECONDS)
    assert asking.failures <= 1, (asking.statuses, asking.refusals)


def test_the_head_goes_on_for_a_node_that_dies(serve, nodes, rollout):
    """All that was on it starts on the head; what it was answering is all that is lost."""
    _, _, runs = rollout
    applications = Counter(nodes.replicas().values())
    assert nodes.replicas(node=1)
    with Asking(serve) as asking:
        nodes.kill_node(1)
        wait_until(
            lambda: applications <= Counter(nodes.replicas(node=0).values()), RECOVERY_SECONDS
        )
        wait_until(lambda: set(runs) == _runs(serve), RECOVERY_SECONDS)
        answered = asking.statuses[200]
        wait_until(lambda: asking.statuses[200] > answered + 20, RECOVERY_SECONDS)
    assert asking.failures <= 2, (asking.statuses, asking.refusals)


def _has_successor(nodes, kind, before):
    now = nodes.replicas(kind)
    return min(before) not in now and sorted(before.values()) == sorted(now.values())


def _runs(serve):
    return {run for run, _ in answers(serve, 5, body=BODIES[0])}
