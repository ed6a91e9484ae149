"""The names that the quickstart's steps share, and how they show what they do."""

from collections.abc import Sequence

EXPERIMENT = "quickstart"
MODEL = "quickstart-breast-cancer"

BARS = "▁▂▃▄▅▆▇█"


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}", flush=True)


def show(name: str, text: str) -> None:
    """Print a name and what belongs to it, in line with the others."""
    print(f"   {name:<12} {text}", flush=True)


def sparkline(values: Sequence[float]) -> str:
    """Return values as a row of small bars."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(BARS[round((value - low) / span * (len(BARS) - 1))] for value in values)
