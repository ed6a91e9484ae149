"""What is counted of the requests: for Prometheus, by run."""

import os
from pathlib import Path
from typing import Any, Final

from penstock.errors import LocalFileError
from penstock.serving.table import RoutingTable

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
"""Upper bounds of the buckets of a request's time."""

ROWS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Upper bounds of the buckets of a batch's rows."""

ROOM: Final = 65_536
"""Bytes of a process's numbers, of each kind, that are taken before anything is counted."""

_KINDS: Final = ("counter", "histogram", "gauge_livemostrecent")
_FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def share_meters(folder: Path) -> None:
    """Let the meters of all processes add up in a folder; before any meter is made."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[_FOLDER_VARIABLE] = str(folder)


def _take_room(folder: Path) -> None:
    # These files are mapped: a disk that is full when a number is first written ends the process.
    for kind in _KINDS:
        file = folder / f"{kind}_{os.getpid()}.db"
        try:
            if not file.exists():
                file.write_bytes(bytes(ROOM))
        except OSError as error:
            file.unlink(missing_ok=True)
            raise LocalFileError(
                f"cannot keep numbers in {folder}: {error.strerror}; "
                "make room there, or set TMPDIR to another folder"
            ) from error


class Meter:
    """The counters of one process; `page` shows those of all that share a folder.

    Raises LocalFileError when made where that folder has no room.
    """

    def __init__(self) -> None:
        if _FOLDER_VARIABLE in os.environ:
            _take_room(Path(os.environ[_FOLDER_VARIABLE]))
        # The library chooses at its import how values are kept.
        import prometheus_client as prometheus  # noqa: PLC0415 - as the comment says

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call] # the library's
        self._library = prometheus
        self._registry = prometheus.CollectorRegistry()
        self._requests = self._counter(
            "requests", "Requests answered, by run and status.", "run", "status"
        )
        self._seconds = self._histogram(
            "request_seconds", "Seconds from the whole body to the answer.", SECONDS, "run"
        )
        self._rows = self._histogram("batch_rows", "Rows predicted together.", ROWS)
        self._mirrored = self._counter(
            "mirrored",
            "Requests for Canary runs: answered (same, different), failed, dropped.",
            "run",
            "result",
        )
        self._mirror_seconds = self._histogram(
            "mirror_seconds", "Seconds of a Canary's prediction.", SECONDS, "run"
        )
        self._live = self._gauge("live_runs", "Live runs that are loaded.")
        self._missing = self._gauge("missing_runs", "Live runs that are not loaded.")
        self._revision = self._gauge("plan_revision", "Revision of the plan that is followed.")
        self._known: dict[tuple[str, int], tuple[Any, Any]] = {}

    def answered(self, run_id: str, status: int, seconds: float) -> None:
        """Count a request that a run has answered, or failed to."""
        known = self._known.get((run_id, status))
        if known is None:
            # Looked up once: a lookup by labels costs more than the counting.
            known = self._requests.labels(run_id, str(status)), self._seconds.labels(run_id)
            self._known[run_id, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def predicted(self, rows: int) -> None:
        """Count the rows of a prediction."""
        self._rows.observe(rows)

    def mirrored(self, run_id: str, result: str, seconds: float | None = None) -> None:
        """Count what became of a request for a Canary run."""
        self._mirrored.labels(run_id, result).inc()
        if seconds is not None:
            self._mirror_seconds.labels(run_id).observe(seconds)

    def follow(self, table: RoutingTable) -> None:
        """Show what is live and loaded."""
        self._live.set(len(table.routes))
        self._missing.set(len(table.missing))
        self._revision.set(table.lineup.revision)

    def page(self) -> bytes:
        """Return the numbers in Prometheus's text format."""
        if _FOLDER_VARIABLE not in os.environ:
            return bytes(self._library.generate_latest(self._registry))
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - seldom

        everybody = self._library.CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call] # the library's
        return bytes(self._library.generate_latest(everybody))

    def _counter(self, name: str, text: str, *labels: str) -> Any:  # noqa: ANN401 - of a library imported late
        return self._library.Counter(
            f"penstock_serve_{name}", text, labels, registry=self._registry
        )

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Any:  # noqa: ANN401 - the same
        full = f"penstock_serve_{name}"
        return self._library.Histogram(full, text, labels, buckets=buckets, registry=self._registry)

    def _gauge(self, name: str, text: str) -> Any:  # noqa: ANN401 - the same
        full = f"penstock_serve_{name}"
        return self._library.Gauge(
            full, text, registry=self._registry, multiprocess_mode="livemostrecent"
        )
