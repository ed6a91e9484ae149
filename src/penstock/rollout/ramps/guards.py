"""What must hold of a run while it gets more traffic, such as `error_rate<1%`. Pure."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from penstock.errors import InvalidRollout
from penstock.rollout.ramps.evidence import Bounds, Counts, Evidence

ERROR_RATE: Final = "error_rate"
OUTCOME: Final = "outcome"

_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_GUARD: Final = re.compile(
    rf"(?P<measure>error_rate|outcome|p(?P<quantile>{_NUMBER}))\s*(?P<relation><=|>=|<|>)\s*"
    rf"(?:(?P<base>baseline)(?:\s*\*\s*(?P<factor>{_NUMBER}))?)?"
    rf"\s*(?P<sign>[+-])?\s*(?:(?P<number>{_NUMBER})\s*(?P<unit>%|ms|s)?)?",
    re.ASCII,
)
_UNITS: Final[dict[str, dict[str | None, float]]] = {
    ERROR_RATE: {None: 1.0, "%": 0.01},
    OUTCOME: {None: 1.0},
    "p": {"ms": 1.0, "s": 1000.0},
}
EXAMPLES: Final = "error_rate<1%, p99<200ms, p99<=baseline*1.2 or outcome>=baseline"


class Limit(NamedTuple):
    """A number: `factor` times what the baseline has, plus `margin`."""

    factor: float
    margin: float


class Verdict(Enum):
    """What a guard says: OPEN while too little is known."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"


class Judgement(NamedTuple):
    """A guard's verdict, and what it goes by."""

    guard: "Guard"
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A measure of a run with its limit; `text` is as it was given, times are in milliseconds."""

    text: str
    measure: str
    relation: str
    limit: Limit

    def judge(self, evidence: Evidence, requests: int) -> Judgement:
        """Judge a step; with fewer requests than these, counts say nothing yet."""
        if self.measure == OUTCOME:
            return self._judge_outcome(evidence)
        found = self._measure(evidence.run, requests)
        base = self._measure(evidence.baseline, requests) if self.limit.factor else 0.0
        if found is None or base is None:
            return Judgement(self, Verdict.OPEN, f"of fewer than {requests} requests")
        limit = self.limit.factor * base + self.limit.margin
        holds = found < limit if self.relation == "<" else found <= limit
        why = f"{self._say(found)} of {evidence.run.requests} requests"
        if self.limit.factor:
            why += f", the limit is {self._say(limit)}"
        return Judgement(self, Verdict.HOLDS if holds else Verdict.BROKEN, why)

    def _judge_outcome(self, evidence: Evidence) -> Judgement:
        """Judge by bounds: a guard is broken only when chance cannot be the reason."""
        known = evidence.differences if self.limit.factor else evidence.outcomes
        if not known:
            return Judgement(self, Verdict.OPEN, "of too few outcomes")
        worst = min(known, key=self._room)
        what = "difference" if self.limit.factor else "mean"
        why = f"{what} {worst.estimate:.4g}, between {worst.low:.4g} and {worst.high:.4g}"
        verdict = Verdict.BROKEN if self._room(worst) < 0 else Verdict.HOLDS
        return Judgement(self, verdict, why)

    def _room(self, bounds: Bounds) -> float:
        """Return how far the limit lies inside of the bounds, on the side that it forbids."""
        is_floor = self.relation.startswith(">")
        return bounds.high - self.limit.margin if is_floor else self.limit.margin - bounds.low

    def _measure(self, counts: Counts, requests: int) -> float | None:
        if counts.requests < requests:
            return None
        if self.measure == ERROR_RATE:
            return counts.error_rate
        return counts.quantile(float(self.measure[1:]) / 100)

    def _say(self, value: float) -> str:
        return f"{value * 100:.3g} %" if self.measure == ERROR_RATE else f"{value:.4g} ms"


def parse_guard(text: str) -> Guard:
    """Return the guard that a text says. Raises InvalidRollout."""
    found = _GUARD.fullmatch(text.strip())
    if found is None or not (found["base"] or found["number"]):
        raise InvalidRollout(f"'{text}' is no guard such as {EXAMPLES}")
    measure = found["measure"]
    _check(text, found)
    unit = _UNITS["p" if found["quantile"] else measure].get(found["unit"])
    if unit is None and found["number"]:
        raise InvalidRollout(f"'{text}': give {_kind(measure)}, in a guard such as {EXAMPLES}")
    margin = float(found["number"] or 0) * (unit or 0) * (-1 if found["sign"] == "-" else 1)
    factor = float(found["factor"] or 1) if found["base"] else 0.0
    return Guard(text.strip(), measure, found["relation"], Limit(factor, margin))


def _check(text: str, found: re.Match[str]) -> None:
    is_outcome = found["measure"] == OUTCOME
    if found["quantile"] and not 0 < float(found["quantile"]) < 100:  # noqa: PLR2004 - per cent
        raise InvalidRollout(f"'{text}': a quantile lies between p0 and p100, such as p99")
    if not is_outcome and found["relation"].startswith(">"):
        raise InvalidRollout(f"'{text}' would hold of a run that is bad; write < or <=")
    is_margin = bool(found["sign"]) == bool(found["number"])
    if not (is_margin if found["base"] else is_outcome or not found["sign"]):
        raise InvalidRollout(f"'{text}' is no guard such as {EXAMPLES}")
    if is_outcome and found["factor"]:
        raise InvalidRollout(
            f"'{text}': outcomes are compared by their difference; write outcome>=baseline-0.02"
        )


def _kind(measure: str) -> str:
    kinds = {ERROR_RATE: "a share, 0.01 or 1%", OUTCOME: "a number without a unit"}
    return kinds.get(measure, "a time, 200ms or 0.2s")
