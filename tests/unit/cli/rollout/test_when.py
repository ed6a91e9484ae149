"""Times as tables show them."""

import pytest

from penstock.cli.rollout.plan_view import when


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, "-"),
        (0, "-"),
        (1_767_225_600_000, "2026-01-01 00:00:00"),
        (2**53, "9007199254740992"),
        (-(2**53), "-9007199254740992"),
        (2**62, "4611686018427387904"),
    ],
)
def test_a_time_is_shown_whatever_it_is(milliseconds, shown):
    """In UTC; those of no calendar are numbers, and no reason to show nothing else."""
    assert shown == when(milliseconds)
