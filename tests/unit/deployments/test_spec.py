"""What a deployment may be asked to be."""

import pytest

from penstock.deployments.spec import DeploymentSpec, NodeCapacity
from penstock.errors import InvalidDeployment

GOOD = {"serve_name": "churn", "model_uri": "models:/churn/3", "env": "prod"}


def test_what_is_not_said_is_small():
    """One replica of one core and one GB, on a machine that stays."""
    spec = DeploymentSpec(**GOOD)
    assert (1, 1, NodeCapacity.ONDEMAND, 1, 1) == (
        spec.cores,
        spec.memory,
        spec.node_capacity,
        spec.min_replicas,
        spec.max_replicas,
    )


@pytest.mark.parametrize(
    "good",
    [
        {"serve_name": "c"},
        {"serve_name": "c" * 63},
        {"serve_name": "c-1"},
        {"cores": 64},
        {"memory": 512},
        {"min_replicas": 100, "max_replicas": 100},
        {"model_uri": "models:/a model with spaces/3"},
        {"model_uri": "models:/modèle/3"},
    ],
)
def test_what_lies_within_the_bounds_is_taken(good):
    """The bounds themselves are within."""
    assert DeploymentSpec(**{**GOOD, **good})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serve_name", ""),
        ("serve_name", "c" * 64),
        ("serve_name", "Churn"),
        ("serve_name", "1churn"),
        ("serve_name", "churn-"),
        ("serve_name", "churn\n"),
        ("serve_name", "chürn"),
        ("serve_name", "a.b"),
        ("env", "a/b"),
        ("env", ".."),
        ("model_uri", ""),
        ("model_uri", "models:/a\n/3"),
        ("model_uri", "m" * 2001),
        ("cores", 0),
        ("cores", 65),
        ("memory", 0),
        ("memory", 513),
        ("min_replicas", 0),
        ("max_replicas", 101),
    ],
)
def test_what_lies_outside_is_refused_by_its_name(field, value):
    """The message names the field; a control character does not reach a terminal."""
    with pytest.raises(InvalidDeployment, match=field) as refusal:
        DeploymentSpec(**{**GOOD, field: value})
    assert str(refusal.value).isprintable()


def test_fewer_replicas_at_most_than_at_least_are_refused():
    """Both bounds are named."""
    with pytest.raises(InvalidDeployment, match=r"min_replicas \(3\).*max_replicas \(2\)"):
        DeploymentSpec(**GOOD, min_replicas=3, max_replicas=2)
