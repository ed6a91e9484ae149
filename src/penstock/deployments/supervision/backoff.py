"""How long to wait before a service that has crashed is started again. Pure."""

from typing import Final

FIRST_SECONDS: Final = 0.5
MOST_SECONDS: Final = 60.0
CALM_SECONDS: Final = 60.0
"""A service that has answered for so long is not the one that crashes at once."""


def wait_seconds(crashes: int) -> float:
    """Return how long to wait after so many crashes in a row: twice as long each time."""
    if crashes < 1:
        return 0.0
    return min(FIRST_SECONDS * 2.0 ** min(crashes - 1, 16), MOST_SECONDS)
