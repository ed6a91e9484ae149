"""Many metrics until all of them are on the server: Penstock's writer against MLflow's client."""

import gc
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.line import Line, percentile
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
    logged: dict[str, list[_Logged]] = {name: [] for name in ("writer", "spool", "sync", "async")}
    gc.freeze()  # or the garbage collector searches the peer's imports in everybody's time
    with MlflowClient(url) as plain, MlflowClient(url, spool=spool) as spooled:
        _log(plain, 100, waits=False)  # connects, and compiles what is not compiled yet
        for _ in range(ROUNDS):
            logged["writer"].append(_log(plain, METRICS, waits=False))
            logged["spool"].append(_log(spooled, METRICS, waits=False))
            logged["sync"].append(_log(stock, PEER_METRICS, waits=True))
            logged["async"].append(_log(stock, PEER_METRICS, waits=False))
    for what, ours, peer in (
        ("against MLflow's, one by one", "writer", "sync"),
        ("against MLflow's, asynchronous", "writer", "async"),
        ("with a spool, against MLflow's, asynchronous", "spool", "async"),
    ):
        yield Line(
            f"{METRICS} metrics {what}",
            _rate(logged[ours]) / _rate(logged[peer]),
            " x faster",
            at_least=40,
            detail=f"penstock {_described(logged[ours])}; mlflow {_described(logged[peer])}",
        )


class _Logged(NamedTuple):
    """How long each call took, and all of them until the last metric was there; seconds."""

    calls: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.calls) / self.seconds


def _log(client: Any, count: int, *, waits: bool) -> _Logged:
    run_id = client.create_run("0").info.run_id
    operations, calls = [], []
    started = moment = time.perf_counter()
    for step in range(count):
        operations.append(
            client.log_metric(run_id, "loss", 1 / (step + 1), step=step, synchronous=waits)
        )
        before, moment = moment, time.perf_counter()
        calls.append(moment - before)
    for operation in operations:
        if operation is not None:
            operation.wait()
    seconds = time.perf_counter() - started
    found = len(client.get_metric_history(run_id, "loss"))
    if found != count:
        raise SystemExit(f"{found} of {count} metrics are on the server")
    return _Logged(calls, seconds)


def _rate(rounds: Sequence[_Logged]) -> float:
    return statistics.median(logged.rate for logged in rounds)


def _described(rounds: Sequence[_Logged]) -> str:
    calls = [seconds * 1e6 for logged in rounds for seconds in logged.calls]
    p50, p99 = statistics.median(calls), percentile(calls, 0.99)
    slowest = min(logged.rate for logged in rounds)
    return (
        f"{_rate(rounds):.0f} metrics/s (slowest round {slowest:.0f}), "
        f"a call p50 {p50:.1f} us, p99 {p99:.1f} us"
    )
