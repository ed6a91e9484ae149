"""How the runs compare: counts, errors, latency, outcomes, and how sure a difference is. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from penstock.serving.lineup import Lineup
from penstock.serving.sequence import ALPHA, Interval, Outcomes, difference_interval, mean_interval
from penstock.serving.tally import BOUNDS, RunTally, quantile

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run, times in milliseconds; `latency` counts answers by the time they took at most.

    `outcome` is the mean of its outcomes with bounds, `difference` that to the run it is compared
    with. `same` to `mean_distance` are of the answers of a Canary: how many were as the ones used,
    how many not, how many failed or were dropped, how far numbers were apart on average.
    """

    run_id: str
    fraction: float
    is_canary: bool
    requests: int
    errors: int
    mean_ms: float | None
    p50_ms: float | None
    p99_ms: float | None
    latency: dict[float, int]
    outcomes: int
    outcome: Interval | None
    mean_outcome: float | None
    difference: Interval | None
    same: int
    different: int
    failed: int
    dropped: int
    mean_distance: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All runs; the bounds of all differences to `compared_with` hold together, at all times.

    `missing` says of live runs why they are not loaded.
    """

    name: str
    version: str
    revision: int
    confidence: float
    compared_with: str | None
    runs: tuple[RunReport, ...]
    missing: dict[str, str]

    def to_document(self) -> Any:  # noqa: ANN401 - JSON is any
        """Return it as JSON can say it."""
        return msgspec.to_builtins(self)


def make_report(  # noqa: PLR0913 - what is known of a run comes from all sides
    name: str,
    lineup: Lineup | None,
    tallies: Mapping[str, RunTally],
    outcomes: Mapping[str, Outcomes],
    *,
    against: str | None = None,
    missing: Mapping[str, str] = NOTHING,
    alpha: float = ALPHA,
) -> Report:
    """Return the report of a lineup's runs, and of earlier ones that have been counted.

    They are compared with the run `against`, by default the one with the largest share.
    """
    fractions = lineup.active if lineup else {}
    canaries = lineup.canaries if lineup else ()
    names = list(dict.fromkeys([*fractions, *canaries, *sorted(tallies), *sorted(outcomes)]))
    base = _base(fractions, outcomes, against)
    others = sum(1 for run_id in outcomes if run_id != base)
    each = alpha / max(others, 1)
    runs = tuple(
        _report(
            run_id,
            tallies.get(run_id, RunTally()),
            outcomes.get(run_id, Outcomes()),
            fraction=fractions.get(run_id, 0.0),
            is_canary=run_id in canaries,
            base=None if base in {None, run_id} else outcomes[base or ""],
            alpha=each,
        )
        for run_id in names
    )
    return Report(
        name=name,
        version=lineup.version if lineup else "",
        revision=lineup.revision if lineup else 0,
        confidence=1 - alpha,
        compared_with=base,
        runs=runs,
        missing=dict(missing),
    )


def _base(
    fractions: Mapping[str, float], outcomes: Mapping[str, Outcomes], against: str | None
) -> str | None:
    """Return the run that the others are compared with; None while it has no outcome."""
    known = [run_id for run_id in outcomes if outcomes[run_id].count]
    if against is not None:
        return against if against in known else None
    return max(
        known, key=lambda run_id: (fractions.get(run_id, 0.0), outcomes[run_id].count), default=None
    )


def _report(  # noqa: PLR0913 - what is known of a run comes from all sides
    run_id: str,
    tally: RunTally,
    known: Outcomes,
    *,
    fraction: float,
    is_canary: bool,
    base: Outcomes | None,
    alpha: float,
) -> RunReport:
    answered = sum(tally.latency.values())
    return RunReport(
        run_id=run_id,
        fraction=fraction,
        is_canary=is_canary,
        requests=tally.requests,
        errors=tally.errors,
        mean_ms=_milliseconds(tally.seconds / answered if answered else None),
        p50_ms=_milliseconds(quantile(tally.latency, 0.5)),
        p99_ms=_milliseconds(quantile(tally.latency, 0.99)),
        latency={
            round(BOUNDS[min(bucket, len(BOUNDS) - 1)] * 1000, 6): count
            for bucket, count in sorted(tally.latency.items())
        },
        outcomes=known.count,
        outcome=mean_interval(known),
        mean_outcome=known.mean if known.count else None,
        difference=None if base is None else difference_interval(known, base, alpha=alpha),
        same=tally.same,
        different=tally.different,
        failed=tally.failed,
        dropped=tally.dropped,
        mean_distance=tally.distance / tally.compared if tally.compared else None,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
