"""One-row predictions on a Ray cluster: a split against no split, and two replicas against one."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.line import Line
from bench.servers import BIN, Server, free_port, mlflow_server, running
from bench.serving import ROUNDS, SECONDS, TIMES, Load, Plans, save_iris_model

MIN_REPLICAS = "PENSTOCK_SERVE_MIN_REPLICAS"


def lines() -> Iterator[Line]:
    """Measure, in turns, and yield the lines."""
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as place, ExitStack() as started:
        folder = Path(place)
        model = save_iris_model(folder)
        server = started.enter_context(mlflow_server(folder / "server"))
        plans = Plans(server, model)
        servers = {
            name: started.enter_context(_serve(folder / name, plans.address, version, replicas))
            for name, version, replicas in (
                ("one", "1.0.0", 1),
                ("split", "2.0.0", 1),
                ("replicas", "1.0.0", 2),
            )
        }
        loads = {name: Load() for name in servers}
        for each in servers.values():
            asyncio.run(Load().run(each.port, 1.0))
        for _ in range(ROUNDS):
            for name, each in servers.items():
                asyncio.run(loads[name].run(each.port, SECONDS))
        yield from _compare(loads)


def _compare(loads: dict[str, Load]) -> Iterator[Line]:
    one, split, replicas = (loads[name] for name in ("one", "split", "replicas"))
    yield Line(
        "on Ray: rate of two runs against one",
        split.rate / one.rate,
        TIMES,
        at_least=0.8,
        detail=f"{split} against {one}",
    )
    yield Line(
        "on Ray: rate of two replicas against one",
        replicas.rate / one.rate,
        TIMES,
        at_least=0.8,
        aim=1.5,
        detail=f"{replicas}; the goal needs more processors than routers and replicas fill",
    )
    failures = sum(len(load.failures) for load in loads.values())
    yield Line("on Ray: failed requests", failures, "", at_most=0)


@contextmanager
def _serve(folder: Path, address: str, version: str, replicas: int) -> Iterator[Server]:
    """Run a server on a cluster of its own, with this many replicas of each model."""
    folder.mkdir()
    port = free_port()
    command = [str(BIN / "penstock"), "serve", "--experiment", "bench", "--model-version", version]
    command += ["--port", str(port), "--data", str(folder), "--engine", "ray"]
    environment = {
        "MLFLOW_TRACKING_URI": address,
        "PENSTOCK_CACHE_DIR": str(folder.parent / "cache"),
        MIN_REPLICAS: str(replicas),
        "PENSTOCK_SERVE_MAX_REPLICAS": str(replicas),
    }
    with running(command, environment, folder / "serve.log", port) as server:
        yield server
