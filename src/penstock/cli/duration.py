"""Durations as people write them. Pure."""

import re
from typing import Final

from penstock.errors import ConfigurationError

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)


def parse_duration(text: str) -> int:
    """Return the seconds of `90d`, `12h`, `30m` or `45s`. Raises ConfigurationError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"'{text}' is no time such as 90d, 12h, 30m or 45s")
    return int(found[1]) * _SECONDS[found[2]]
