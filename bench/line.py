"""One line of the report: what was measured, and what it should be."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Line:
    """A ratio (or amount) with the goal that it has to reach."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    aim: float | None = None
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        sign, bound = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        goal = f"{sign} {bound:g}{self.unit}" + (f", aim {self.aim:g}" if self.aim else "")
        mark = "ok    " if self.holds else "MISSED"
        value = f"{self.value:.3g}{self.unit}"
        return f"{mark} {self.what:<58} {value:>9}  ({goal})\n{'':7}{self.detail}"

    def to_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps({**asdict(self), "holds": self.holds}, ensure_ascii=False)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def milliseconds(seconds: Sequence[float]) -> str:
    """Describe times by their p50 and p99."""
    p50, p99 = statistics.median(seconds) * 1e3, percentile(seconds, 0.99) * 1e3
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"
