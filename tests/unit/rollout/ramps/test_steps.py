"""The steps of a ramp."""

import pytest

from penstock.errors import InvalidRollout
from penstock.rollout.ramps.steps import left_steps, parse_steps


def test_steps_are_percentages():
    """With the sign or without."""
    assert (0.01, 0.05, 0.25, 1.0) == parse_steps("1,5, 25%,100")
    assert (0.005,) == parse_steps("0.5")


@pytest.mark.parametrize("text", ["", "0,10", "10,101", "10,much", "nan", "-1", "10,10", "25,5"])
def test_what_is_no_step_is_told(text):
    """Steps grow, up to all of the traffic."""
    with pytest.raises(InvalidRollout, match="step"):
        parse_steps(text)


def test_what_a_run_has_already_is_left_out():
    """A ramp never takes anything away."""
    assert (0.25, 1.0) == left_steps((0.01, 0.05, 0.25, 1.0), 0.05)
    with pytest.raises(InvalidRollout, match="has 50 % already"):
        left_steps((0.01, 0.5), 0.5)
