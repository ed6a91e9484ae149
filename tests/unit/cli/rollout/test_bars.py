"""Shares of the traffic as people see them."""

import pytest

from penstock.cli.rollout.bars import BLOCKS, PLAIN, WIDTH, bar, find_marks, percent


@pytest.mark.parametrize(
    ("fraction", "full"),
    [(0, 0), (1e-9, 1), (0.5, 10), (0.8, 16), (0.999, 19), (1, WIDTH)],
)
def test_a_bar_is_full_or_empty_only_where_the_share_is(fraction, full):
    """A share that is nearly nothing is still to be seen."""
    assert "#" * full + "." * (WIDTH - full) == bar(fraction, PLAIN)


@pytest.mark.parametrize(
    ("fraction", "said"),
    [
        (0, "0 %"),
        (1e-9, "<0.1 %"),
        (0.001, "0.1 %"),
        (1 / 3, "33.3 %"),
        (0.8, "80 %"),
        (0.9999, ">99.9 %"),
        (1, "100 %"),
    ],
)
def test_a_number_is_rounded_but_never_to_all_or_nothing(fraction, said):
    """100 % means that no other run has any."""
    assert said == percent(fraction)


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [("utf-8", BLOCKS), ("ascii", PLAIN), ("latin-1", PLAIN), ("no-such", PLAIN), (None, PLAIN)],
)
def test_bars_are_made_of_what_the_terminal_has(encoding, marks):
    """An old locale gets `#`, not an error."""
    assert marks == find_marks(encoding)
