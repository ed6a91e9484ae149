"""What is known of a run's answers, beside those of the run that it is compared with. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Bounds(NamedTuple):
    """An estimate, and the bounds that hold with the report's confidence at all times."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Counts:
    """The answers of one run; `latency` by the time in milliseconds that they took at most."""

    requests: int = 0
    errors: int = 0
    latency: dict[float, int] = field(default_factory=dict)

    def since(self, earlier: "Counts") -> "Counts":
        """Return what came after an earlier count; nothing where counting began anew."""
        latency = {
            limit: count - earlier.latency.get(limit, 0)
            for limit, count in self.latency.items()
            if count > earlier.latency.get(limit, 0)
        }
        return Counts(
            max(self.requests - earlier.requests, 0), max(self.errors - earlier.errors, 0), latency
        )

    @property
    def error_rate(self) -> float | None:
        """The share of the requests that failed; None of none."""
        return self.errors / self.requests if self.requests else None

    def quantile(self, share: float) -> float | None:
        """Return the milliseconds that this share of the answers took at most; None of none."""
        wanted, seen = share * sum(self.latency.values()), 0
        for limit in sorted(self.latency):
            seen += self.latency[limit]
            if seen >= wanted:
                return limit
        return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run and the one that it is compared with; outcomes and differences by server.

    `missing` is why servers that should have loaded the run have not.
    """

    run: Counts = field(default_factory=Counts)
    baseline: Counts = field(default_factory=Counts)
    outcomes: tuple[Bounds, ...] = ()
    differences: tuple[Bounds, ...] = ()
    missing: tuple[str, ...] = ()

    def since(self, earlier: "Evidence") -> "Evidence":
        """Return what came after an earlier look; of outcomes, all of them."""
        return Evidence(
            self.run.since(earlier.run),
            self.baseline.since(earlier.baseline),
            self.outcomes,
            self.differences,
            self.missing,
        )


def together(parts: Iterable[Evidence]) -> Evidence:
    """Return what several servers know, as one."""
    known = tuple(parts)
    return Evidence(
        _sum(part.run for part in known),
        _sum(part.baseline for part in known),
        tuple(bounds for part in known for bounds in part.outcomes),
        tuple(bounds for part in known for bounds in part.differences),
        tuple(why for part in known for why in part.missing),
    )


def _sum(counts: Iterable[Counts]) -> Counts:
    requests = errors = 0
    latency: dict[float, int] = {}
    for each in counts:
        requests, errors = requests + each.requests, errors + each.errors
        for limit, count in each.latency.items():
            latency[limit] = latency.get(limit, 0) + count
    return Counts(requests, errors, latency)
