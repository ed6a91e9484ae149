"""What a cluster calls the parts of a server, and what is made of what it says."""

import pytest

from penstock.serving.aim import Aim
from penstock.serving.engines.cluster_words import reason_of
from penstock.serving.on_ray import RayServer
from penstock.serving.settings import ServeSettings


def test_names_are_readable_and_of_one_model_alone():
    """URIs that differ in what no name may hold are told apart."""
    cluster = RayServer(Aim(experiment="churn"), ServeSettings()).cluster
    names = [cluster.name_of(uri) for uri in ("runs:/a1/model", "runs:/a1-model", "runs:/b/model")]
    assert 3 == len(set(names))
    assert names[0].startswith(f"{cluster.server}.runs-a1-model.")
    assert cluster.server.startswith("penstock-churn-")


def test_servers_of_different_aims_have_different_names():
    """And each finds its own models alone."""
    aims = (Aim(experiment="churn"), Aim(experiment="churn", submodel="x"), Aim("models:/churn/1"))
    assert 3 == len({RayServer(aim, ServeSettings()).name for aim in aims})


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Traceback …\npenstock.errors.ModelUnavailable: no source has it\n\n", "no source has it"),
        ("The deployment failed\nValueError: no\n", "ValueError: no"),
        ("", ""),
    ],
)
def test_the_reason_of_a_failure_is_one_line(message, reason):
    """Our own error where there is one."""
    assert reason == reason_of(message)


def test_a_lease_is_some_looks_at_the_plan():
    """Never so short that a busy router would lose what it uses."""
    leases = [
        RayServer(Aim(experiment="churn"), ServeSettings(poll_seconds=seconds)).lease_seconds
        for seconds in (0.5, 10.0)
    ]
    assert [10.0, 50.0] == leases
