"""`RUN=SHARE`, as the command line takes it."""

import pytest
import typer

from penstock.cli.rollout.asked import parse_shares


def test_shares_are_numbers_by_run():
    """Their sum does not matter here."""
    assert {"0f1e2d3c": 0.8, "77ab12cd": 20.0} == parse_shares(["0f1e2d3c=0.8", "77ab12cd=20"])


def test_a_space_after_the_equals_sign_says_the_same():
    """Shells put one there, after a run that they completed."""
    assert {"0f1e": 0.8, "77ab": 0.2} == parse_shares(["0f1e=", "0.8", "77ab=", "0.2"])
    with pytest.raises(typer.BadParameter, match="'0f1e=' is no RUN=SHARE"):
        parse_shares(["0f1e=", "77ab=0.2"])


@pytest.mark.parametrize("text", ["0f1e2d3c", "0f1e2d3c=", "=0.5", "0f1e2d3c=much", "a=nan"])
def test_what_is_no_share_is_told(text):
    """With what it should be."""
    with pytest.raises(typer.BadParameter, match="is no RUN=SHARE, such as"):
        parse_shares([text])


def test_a_run_has_one_share():
    """Of two, nobody knows which was meant."""
    with pytest.raises(typer.BadParameter, match="'0f1e' has two shares"):
        parse_shares(["0f1e=0.8", "0f1e=0.2"])
