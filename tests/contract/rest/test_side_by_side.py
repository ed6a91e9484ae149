"""The comparison itself: it finds a difference where there is one, and none where there is not."""

import time
from types import SimpleNamespace

import mlflow.entities
import pytest

import penstock.rest.entities
from contract.rest.side_by_side import (
    REFUSED,
    Side,
    compare,
    compare_differing,
    compare_exactly,
    raised,
    refused,
)
from penstock import MlflowClient
from penstock.errors import MlflowException


@pytest.fixture
def sides():
    """MLflow's client and ours; no step here asks them anything."""
    return [
        Side("MLflow's client", SimpleNamespace(number=1), mlflow.entities),
        Side("ours", MlflowClient("http://127.0.0.1:9"), penstock.rest.entities),
    ]


def refuse(code: str) -> None:
    raise MlflowException("", code)


def test_what_must_differ_counts_as_the_same(sides):
    """Names of the corner, ids and times."""
    for side, number in zip(sides, ("a" * 32, "b" * 32), strict=True):
        side.keep("run", number)
    now = time.time_ns() // 1_000_000
    scenario = [
        ("a name", lambda my: my.name("x")),
        ("an id", lambda my: {"run_id": my["run"], "uri": f"runs:/{my['run']}/m", "time": now}),
        ("an entity", lambda my: my.entities.Metric("m", float("nan"), now, 1)),
        ("a refusal", lambda _: refuse("INVALID_PARAMETER_VALUE")),
    ]
    assert {} == compare(sides, scenario)


@pytest.mark.parametrize(
    "act",
    [
        lambda my: my.title,
        lambda my: {"deep": [{"title": my.title}]},
        lambda my: [1] * (1 + ("ours" in my.title)),
        lambda my: None if "ours" in my.title else refuse("INVALID_STATE"),
        lambda my: refuse("INVALID_STATE" if "ours" in my.title else "NOT_FOUND"),
        lambda my: my.entities.Metric("m", 1.0 if "ours" in my.title else 2.0, 0, 0),
        lambda my: 5 if "ours" in my.title else time.time_ns() // 1_000_000,
    ],
)
def test_a_difference_is_found(sides, act):
    """Wherever it lies."""
    assert ["it (ours)"] == list(compare(sides, [("it", act)]))
    assert ["it (ours)"] == list(compare(sides, [("other", len), ("it", act)], without={"other"}))
    assert 2 == len(compare_exactly(sides, [("it", lambda my: repr(my.client))]))


def test_known_differences_must_be_as_known(sides):
    """On both sides."""

    def act(my: Side):
        return refuse("INVALID_PARAMETER_VALUE") if "ours" in my.title else int("x")

    assert {} == compare_differing(sides, [("it", raised(ValueError), REFUSED, act)])
    assert 1 == len(compare_differing(sides, [("it", raised(TypeError), REFUSED, act)]))
    other = refused("NOT_FOUND", 404)
    assert 1 == len(compare_differing(sides, [("it", raised(ValueError), other, act)]))


def test_an_error_of_another_kind_is_never_ours(sides):
    """It fails the comparison, even where MLflow's client has the same."""
    with pytest.raises(ValueError, match="invalid literal"):
        compare(sides, [("it", lambda _: int("x"))])
    with pytest.raises(AssertionError, match="has not made 'it'"):
        compare(sides, [("it", lambda my: my["it"])])
