"""One-row predictions over sixteen connections: `penstock serve` against `mlflow models serve`.

The machine's speed drifts by more than what is told apart here. So rounds are short, each server's
turn comes early in one and late in another, and a ratio is the median of the rounds' own.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.line import Line, percentile
from bench.servers import BIN, Server, free_port, mlflow_server, running
from penstock import MlflowClient
from penstock.rollout.codec import encode, plan_tag
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

CONNECTIONS = 16
SECONDS = 1.0
ROUNDS = 12
CHANGES = 1000
TIMES = " ×"  # noqa: RUF001 - the sign of multiplication

BODY = json.dumps(
    {
        "dataframe_split": {
            "columns": [
                "sepal length (cm)",
                "sepal width (cm)",
                "petal length (cm)",
                "petal width (cm)",
            ],
            "data": [[5.1, 3.5, 1.4, 0.2]],
        }
    }
).encode()
REQUEST = (
    b"POST /invocations HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
) + BODY


class Caller(asyncio.Protocol):
    """Asks again as soon as it is answered."""

    def __init__(self, times: list[float], failures: list[bytes], until: float) -> None:
        self._times, self._failures, self._until = times, failures, until
        self._buffer = b""
        self._started = 0.0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._failures.append(self._buffer)
        self._buffer = b""
        self._times.append(time.perf_counter() - self._started)
        if time.perf_counter() < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        if time.perf_counter() < self._until:
            self._failures.append(b"the connection was lost")
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self) -> None:
        self._started = time.perf_counter()
        self._transport.write(REQUEST)


class Load:
    """The times of the answers, and what was no answer."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failures: list[bytes] = []
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p50(self) -> float:
        return statistics.median(self.times) * 1000

    @property
    def p99(self) -> float:
        return percentile(self.times, 0.99) * 1000

    async def run(self, port: int, seconds: float) -> None:
        """Add the answers to what is asked in some seconds."""
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        until = started + seconds
        callers = [
            (
                await loop.create_connection(
                    lambda: Caller(self.times, self.failures, until), "127.0.0.1", port
                )
            )[1]
            for _ in range(CONNECTIONS)
        ]
        await asyncio.gather(*(caller.ended for caller in callers))
        # Those who asked before the end are answered after it.
        self.seconds += time.perf_counter() - started

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms"


def lines() -> Iterator[Line]:
    """Measure, in turns, and yield the lines."""
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as place:
        folder = Path(place)
        model = save_iris_model(folder)
        with mlflow_server(folder / "server") as server, ExitStack() as started:
            plans = Plans(server, model)
            stock = started.enter_context(_mlflow(folder, model))
            one, two, mirrored = (
                started.enter_context(_serve(folder, plans.address, version))
                for version in ("1.0.0", "2.0.0", "3.0.0")
            )
            servers = {"stock": stock, "one": one, "two": two, "mirrored": mirrored}
            yield from _compare(measure(servers))
            yield _memory(one, two)
            yield _changes(plans, two)


def measure(servers: dict[str, Server], rounds: int = ROUNDS) -> list[dict[str, Load]]:
    """Return the loads of each round, after one that counts for nothing."""
    for each in servers.values():
        asyncio.run(Load().run(each.port, SECONDS))
    return [_round(servers, number) for number in range(rounds)]


def _round(servers: dict[str, Server], number: int) -> dict[str, Load]:
    """Ask each server for a while; a later round begins with another one."""
    names = list(servers)
    first = number % len(names)
    loads = {}
    for name in names[first:] + names[:first]:
        loads[name] = Load()
        asyncio.run(loads[name].run(servers[name].port, SECONDS))
    return loads


def _compare(rounds: list[dict[str, Load]]) -> Iterator[Line]:
    stock, one, two, mirrored = (
        together([loads[name] for loads in rounds]) for name in ("stock", "one", "two", "mirrored")
    )
    told = f"{two} against {stock}"
    yield Line(
        "one-row predictions split over two runs, against MLflow",
        ratio(rounds, "two", "stock"),
        TIMES,
        at_least=10,
        detail=told,
    )
    yield Line("the same, p99", two.p99 / stock.p99, TIMES, at_most=0.2, detail=told)
    yield Line(
        "rate of two runs against one",
        ratio(rounds, "two", "one"),
        TIMES,
        at_least=0.85,
        detail=f"{two} against {one}",
    )
    yield Line(
        "p50 with a mirrored Canary against without",
        statistics.median(loads["mirrored"].p50 / loads["one"].p50 for loads in rounds),
        TIMES,
        at_most=1.1,
        detail=f"{mirrored} against {one}",
    )


def ratio(rounds: list[dict[str, Load]], name: str, other: str) -> float:
    """Return how many times the rate of the other a server has, the median of the rounds."""
    return statistics.median(loads[name].rate / loads[other].rate for loads in rounds)


def together(loads: list[Load]) -> Load:
    """Return several loads as one."""
    whole = Load()
    for each in loads:
        whole.times += each.times
        whole.failures += each.failures
        whole.seconds += each.seconds
    return whole


def _memory(one: Server, two: Server) -> Line:
    more = (two.resident_bytes() - one.resident_bytes()) / 2**20
    return Line("memory of a second run, a model of some kB", more, " MiB", at_most=16)


def _changes(plans: "Plans", server: Server) -> Line:
    load = Load()

    async def change() -> None:
        asking = asyncio.create_task(load.run(server.port, 20.0))
        for number in range(CHANGES):
            await asyncio.to_thread(plans.weigh, "2.0.0", 0.1 + 0.8 * (number % 9) / 9)
            if asking.done():
                asking = asyncio.create_task(load.run(server.port, 5.0))
        await asking

    asyncio.run(change())
    return Line(
        f"failed requests during {CHANGES} changes of the fractions",
        len(load.failures),
        "",
        at_most=0,
        detail=f"{len(load.times)} requests, {load}",
    )


class Plans:
    """The plans of one experiment on a stock server, with two runs of the same model."""

    def __init__(self, server: Server, model: Path, *, name: str = "bench") -> None:
        self.address = f"http://127.0.0.1:{server.port}"
        self._name = name
        self._client = MlflowClient(self.address)
        self._experiment = self._client.create_experiment(name)
        self._runs = [self._make_run(model) for _ in range(2)]
        self._revision = 0
        self.write("1.0.0", {self._runs[0]: 1.0})
        self.weigh("2.0.0", 0.5)
        self.write("3.0.0", {self._runs[0]: 1.0}, canary=self._runs[1])

    def weigh(self, version: str, share: float) -> None:
        """Give the first run this share, the second the rest."""
        self.write(version, {self._runs[0]: share, self._runs[1]: 1 - share})

    def write(self, version: str, shares: dict[str, float], *, canary: str | None = None) -> None:
        """Write a plan."""
        self._revision += 1
        scope = Scope(self._experiment, self._name, SemVer(*map(int, version.split("."))))
        live = {run_id: LiveRun(ModelStatus.Active, share) for run_id, share in shares.items()}
        if canary is not None:
            live[canary] = LiveRun(ModelStatus.Canary)
        text = encode(Plan(scope, self._revision, live))
        self._client.set_experiment_tag(self._experiment, plan_tag(scope), text)

    def _make_run(self, model: Path) -> str:
        run_id: str = self._client.create_run(self._experiment).info.run_id
        self._client.log_artifacts(run_id, str(model), "model")
        return run_id


def save_iris_model(folder: Path) -> Path:
    """Save a small model that takes BODY, and return its folder."""
    from sklearn.datasets import load_iris  # noqa: PLC0415 - heavy, and only this part needs it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - the same

    from penstock.models import save_model  # noqa: PLC0415 - the same
    from penstock.models.flavours import infer_signature  # noqa: PLC0415 - the same

    rows, target = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(rows, target)
    place = folder / "model"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        signature = infer_signature(rows, model.predict(rows))
        save_model(model, place, signature=signature, pip_requirements=["scikit-learn"])
    return place


@contextmanager
def _mlflow(folder: Path, model: Path) -> Iterator[Server]:
    port = free_port()
    command = [str(BIN / "mlflow"), "models", "serve", "-m", str(model), "-p", str(port)]
    command += ["-h", "127.0.0.1", "--env-manager", "local"]
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    with running(command, path, folder / "stock.log", port) as server:
        yield server


@contextmanager
def _serve(folder: Path, address: str, version: str) -> Iterator[Server]:
    port = free_port()
    command = [str(BIN / "penstock"), "serve", "--experiment", "bench", "--model-version", version]
    command += ["--port", str(port), "--data", str(folder / version)]
    environment = {"MLFLOW_TRACKING_URI": address, "PENSTOCK_CACHE_DIR": str(folder / "cache")}
    with running(command, environment, folder / f"{version}.log", port) as server:
        yield server
