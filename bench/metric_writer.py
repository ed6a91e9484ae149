"""Many metrics until all of them are on the server: Penstock's writer against MLflow's client."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.line import Line
from bench.servers import mlflow_server
from penstock import MlflowClient

ROUNDS = 5
METRICS = 5000
PEER_METRICS = 250
"""Enough for a rate: the peer's does not depend on how many there are."""


def lines() -> Iterator[Line]:
    """Log with each in turn, each time to a new run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mlflow_server(folder / "mlflow") as server:
            yield from _measure(f"http://127.0.0.1:{server.port}", folder / "spool")


def _measure(url: str, spool: Path) -> Iterator[Line]:
    import mlflow  # noqa: PLC0415 - the peer, and slow to import

    stock = mlflow.MlflowClient(url)
    rates: dict[str, list[float]] = {name: [] for name in ("writer", "spool", "sync", "async")}
    calls: dict[str, list[float]] = {"writer": [], "spool": []}
    with MlflowClient(url) as plain, MlflowClient(url, spool=spool) as spooled:
        _log(plain, 100, waits=False)  # connects, and compiles what is not compiled yet
        for _ in range(ROUNDS):
            for name, client in (("writer", plain), ("spool", spooled)):
                rate, seconds = _log(client, METRICS, waits=False)
                rates[name].append(rate)
                calls[name].append(seconds)
            rates["sync"].append(_log(stock, PEER_METRICS, waits=True)[0])
            rates["async"].append(_log(stock, PEER_METRICS, waits=False)[0])
    median = {name: statistics.median(values) for name, values in rates.items()}
    call = {name: statistics.median(values) * 1e6 for name, values in calls.items()}
    for what, ours, peer in (
        ("against MLflow's, one by one", "writer", "sync"),
        ("against MLflow's, asynchronous", "writer", "async"),
        ("with a spool, against MLflow's, asynchronous", "spool", "async"),
    ):
        yield Line(
            f"{METRICS} metrics {what}",
            median[ours] / median[peer],
            " x faster",
            at_least=40,
            detail=f"{median[ours]:.0f} metrics/s, {call[ours]:.1f} us a call; "
            f"MLflow {median[peer]:.0f} metrics/s",
        )


def _log(client: Any, count: int, *, waits: bool) -> tuple[float, float]:
    """Return metrics a second until the last one is there, and the seconds of one call."""
    run_id = client.create_run("0").info.run_id
    started = time.perf_counter()
    operations = [
        client.log_metric(run_id, "loss", 1 / (step + 1), step=step, synchronous=waits)
        for step in range(count)
    ]
    called = time.perf_counter() - started
    for operation in operations:
        if operation is not None:
            operation.wait()
    seconds = time.perf_counter() - started
    found = len(client.get_metric_history(run_id, "loss"))
    if found != count:
        raise SystemExit(f"{found} of {count} metrics are on the server")
    return count / seconds, called / count
