"""Shares of the traffic as bars and numbers. Pure but for asking what stdout can show."""

import sys
from typing import Final, NamedTuple

WIDTH: Final = 20
SMALLEST_SHOWN: Final = 0.001


class Marks(NamedTuple):
    """What a bar is made of."""

    full: str
    empty: str


BLOCKS: Final = Marks("\N{FULL BLOCK}", "\N{LIGHT SHADE}")
PLAIN: Final = Marks("#", ".")


def find_marks(encoding: str | None) -> Marks:
    """Return the marks that an encoding has."""
    try:
        "".join(BLOCKS).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


def bar(fraction: float, marks: Marks | None = None) -> str:
    """Return a fraction as a bar; it looks full or empty only where it is."""
    full, empty = marks or find_marks(sys.stdout.encoding)
    count = round(fraction * WIDTH)
    if 0 < fraction < 1:
        count = min(max(count, 1), WIDTH - 1)
    return full * count + empty * (WIDTH - count)


def percent(fraction: float) -> str:
    """Return a fraction as people say it: `80 %`, `33.3 %`, `<0.1 %`."""
    if 0 < fraction < SMALLEST_SHOWN:
        return "<0.1 %"
    if 1 - SMALLEST_SHOWN < fraction < 1:
        return ">99.9 %"
    return f"{round(fraction * 100, 1):g} %"
