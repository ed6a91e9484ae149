"""One `get_run`: Penstock's client against MLflow's and against a bare request."""

import gc
import http.client
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.line import Line, milliseconds
from bench.servers import mlflow_server
from penstock import MlflowClient

ROUNDS = 600
WARM_UP = 30


def lines() -> Iterator[Line]:
    """Start a server and make the call with each in turn."""
    with tempfile.TemporaryDirectory() as name, mlflow_server(Path(name) / "mlflow") as server:
        with MlflowClient(f"http://127.0.0.1:{server.port}") as client:
            seconds = _in_turns(client, server.port)
        median = {name: statistics.median(values) for name, values in seconds.items()}
        detail = "; ".join(f"{name} {milliseconds(values)}" for name, values in seconds.items())
        ours = median["penstock"]
        yield Line(
            "get_run, p50 against mlflow's", ours / median["mlflow"], " x", at_most=1, detail=detail
        )
        yield Line(
            "get_run, p50 against a bare http.client call",
            ours / median["bare"],
            " x",
            at_most=1.15,
            detail=detail,
        )


def _in_turns(client: MlflowClient, port: int) -> dict[str, list[float]]:
    import mlflow  # noqa: PLC0415 - the peer, and slow to import

    run_id = client.create_run("0").info.run_id
    stock = mlflow.MlflowClient(f"http://127.0.0.1:{port}")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    calls: dict[str, Callable[[], object]] = {
        "penstock": lambda: client.get_run(run_id),
        "mlflow": lambda: stock.get_run(run_id),
        "bare": lambda: _bare(connection, f"/api/2.0/mlflow/runs/get?run_id={run_id}"),
    }
    gc.freeze()  # or the garbage collector searches the peer's imports in everybody's time
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(WARM_UP + ROUNDS):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if number >= WARM_UP:
                seconds[name].append(time.perf_counter() - started)
    connection.close()
    return seconds


def _bare(connection: http.client.HTTPConnection, target: str) -> None:
    connection.request("GET", target)
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{target} answered {answer.status}")
