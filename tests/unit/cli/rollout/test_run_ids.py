"""Which run the beginning of an id stands for."""

import pytest

from penstock.cli.rollout.run_ids import choose
from penstock.errors import InvalidRollout


def test_a_beginning_stands_for_the_one_run_that_has_it():
    """A whole id stands for itself, also where another one goes on after it."""
    assert "0f1e2d3c" == choose("0f1e", ["0f1e2d3c"])
    assert "0f1e" == choose("0f1e", ["0f1e", "0f1e2d3c"])


def test_a_beginning_of_several_ids_is_refused_with_all_of_them():
    """Whoever types it sees what to add."""
    with pytest.raises(InvalidRollout, match="'0f1e' may be '0f1ea' or '0f1eb': give more"):
        choose("0f1e", ["0f1ea", "0f1eb"])


def test_a_beginning_of_nothing_is_refused():
    """With where to look."""
    with pytest.raises(InvalidRollout, match="rollout list --all"):
        choose("0f1e", [])
