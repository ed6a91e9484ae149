"""Durations as people write them."""

import pytest

from penstock.cli.duration import parse_duration
from penstock.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "seconds"), [("45s", 45), ("30m", 1800), ("12h", 43_200), ("90d", 7_776_000)]
)
def test_a_number_and_a_unit(text, seconds):
    """Seconds, minutes, hours, days."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "d", "90", "0d", "-1d", "1.5h", "1w", "1d2h", "\u0661d"])
def test_anything_else_is_refused(text):
    """With what is expected."""
    with pytest.raises(ConfigurationError, match="90d, 12h"):
        parse_duration(text)
