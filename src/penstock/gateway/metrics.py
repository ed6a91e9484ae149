"""What a Prometheus server is told about the gateway; no name of a user or a resource."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_1_0_0

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
"""Upper bounds of the buckets of a request's time."""


class Metrics:
    """The counters of one gateway."""

    def __init__(self) -> None:
        # Without this there is a second line for each number, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library's
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "penstock_requests",
            "Requests answered, by the row of the route table and the status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "penstock_request_seconds",
            "Seconds until a request was answered to its end, by who answers.",
            ("home",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._failed_logins = Counter(
            "penstock_failed_logins",
            "Wrong proofs of identity, and those that came too often.",
            registry=self._registry,
        )
        # Looked up once: a lookup by labels costs more than the counting.
        self._known: dict[tuple[str, str, int], Counter] = {}
        self._homes: dict[str, Histogram] = {}

    def answered(self, method: str, route: str, status: int, *, home: str, seconds: float) -> None:
        """Count a request by the row that it found."""
        key = (method, route, status)
        counter = self._known.get(key)
        if counter is None:
            counter = self._known[key] = self._requests.labels(method, route, str(status))
        counter.inc()
        histogram = self._homes.get(home)
        if histogram is None:
            histogram = self._homes[home] = self._seconds.labels(home)
        histogram.observe(seconds)

    def login_failed(self) -> None:
        """Count a wrong proof of identity."""
        self._failed_logins.inc()

    def page(self) -> bytes:
        """Return the numbers in Prometheus's text format."""
        return generate_latest(self._registry)
