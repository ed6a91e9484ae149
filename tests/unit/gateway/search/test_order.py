"""The order of a search."""

import pytest

from penstock.gateway.proxy.search.listings import LISTINGS
from penstock.gateway.proxy.search.order import Field, parse_order
from penstock.gateway.proxy.searches import Search

EXPERIMENTS = LISTINGS[Search.EXPERIMENTS]


def order(*clauses: str):
    return parse_order(
        clauses,
        EXPERIMENTS.fields,
        default=EXPERIMENTS.default_order,
        ties=EXPERIMENTS.ties,
    )


def test_the_newest_experiment_comes_first_by_default():
    """As in MLflow; then by id, upwards."""
    newest, older = {"creation_time": 2, "experiment_id": "9"}, {"creation_time": "1"}
    assert order().precedes(newest, older)
    first, second = (
        {"creation_time": 1, "experiment_id": "9"},
        {"creation_time": 1, "experiment_id": "10"},
    )
    assert order().precedes(first, second)


@pytest.mark.parametrize(
    ("clause", "field"),
    [
        ("name", Field("name")),
        ("name DESC", Field("name", ascends=False)),
        ("attribute.name asc", Field("name")),
        ("`name`", Field("name")),
        (
            "attributes.`last_update_time` desc",
            Field("last_update_time", ascends=False, is_number=True),
        ),
    ],
)
def test_clauses_are_read_as_mlflow_reads_them(clause, field):
    """Any case, with or without the kind, quoted or not."""
    assert field == order(clause).fields[0]


def test_ties_are_broken_by_the_id_downwards():
    """In MLflow's database, where an order is asked for."""
    assert Field("experiment_id", ascends=False, is_number=True) == order("name").fields[-1]


def test_what_is_absent_is_smallest():
    """As in SQLite and MySQL."""
    assert order("last_update_time").precedes({}, {"last_update_time": 1})
    assert not order("last_update_time").precedes({"last_update_time": 1}, {})


def test_what_is_no_clause_is_left_to_mlflow():
    """It refuses the search."""
    assert (
        EXPERIMENTS.default_order
        == order("no such thing; at all").fields[: len(EXPERIMENTS.default_order)]
    )
