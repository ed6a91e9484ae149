"""What one process has counted and not written down yet."""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

BOUNDS: Final = tuple(round(0.0001 * 1.25**step, 9) for step in range(62))
"""Upper bounds, in seconds, of the buckets that latencies are counted in: each 25 % wider."""


@dataclass
class RunTally:
    """The counts of one run; times in seconds, `latency` by the number of the bucket."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    same: int = 0
    different: int = 0
    failed: int = 0
    dropped: int = 0
    compared: int = 0
    distance: float = 0.0
    latency: dict[int, int] = field(default_factory=dict)

    def took(self, seconds: float) -> None:
        """Count the time of an answer."""
        self.seconds += seconds
        bucket = bisect_left(BOUNDS, seconds)
        self.latency[bucket] = self.latency.get(bucket, 0) + 1


class Tally:
    """The counts of all runs since they were last taken away."""

    def __init__(self) -> None:
        self._runs: dict[str, RunTally] = {}

    def of(self, run_id: str) -> RunTally:
        """Return the counts of a run, to count on."""
        found = self._runs.get(run_id)
        if found is None:
            found = self._runs[run_id] = RunTally()
        return found

    def take(self) -> dict[str, RunTally]:
        """Return all counts, and begin anew."""
        taken, self._runs = self._runs, {}
        return taken

    def give_back(self, taken: dict[str, RunTally]) -> None:
        """Count in again what could not be written down."""
        for run_id, tally in taken.items():
            into = self.of(run_id)
            for name in COUNTS:
                setattr(into, name, getattr(into, name) + getattr(tally, name))
            for bucket, count in tally.latency.items():
                into.latency[bucket] = into.latency.get(bucket, 0) + count


COUNTS: Final = tuple(name for name in RunTally.__dataclass_fields__ if name != "latency")
"""The counts that add up by themselves."""


def quantile(latency: dict[int, int], share: float) -> float | None:
    """Return the time, in seconds, that this share of the answers took at most; None of none."""
    total = sum(latency.values())
    if not total:
        return None
    seen = 0
    for bucket in sorted(latency):
        seen += latency[bucket]
        if seen >= share * total:
            return BOUNDS[min(bucket, len(BOUNDS) - 1)]
    return None
