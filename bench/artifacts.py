"""Artifacts up and down: Penstock's client against the server's own pace and MLflow's client."""

import gc
import http.client
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.line import Line
from bench.servers import mlflow_server
from penstock import MlflowClient

ROUNDS = 21
LARGE_ROUNDS = 15
FILES, FILE_SIZE = 200, 2_000
CONNECTIONS = 8
MEBIBYTE = 1 << 20
LARGE_SIZE = 256 * MEBIBYTE
PLACE = "/api/2.0/mlflow-artifacts/artifacts"


def lines() -> Iterator[Line]:
    """Start a server and measure, one client after the other in each round."""
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").mkdir()
        for number in range(FILES):
            (folder / "small" / f"{number}.bin").write_bytes(os.urandom(FILE_SIZE))
        with (folder / "large.bin").open("wb") as file:
            for _ in range(LARGE_SIZE // MEBIBYTE):
                file.write(os.urandom(MEBIBYTE))
        with mlflow_server(folder / "mlflow") as server:
            clients = _clients(f"http://127.0.0.1:{server.port}")
            yield from _small_files(clients, folder)
            yield from _large_file(clients, folder)


class _Bare:
    """Parallel requests and nothing else: the pace of the server."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def log_artifacts(self, place: str, folder: str) -> None:
        contents = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
        self._in_parallel("PUT", {f"{place}/{name}": data for name, data in contents.items()})

    def download_artifacts(self, place: str, _path: str, _folder: str) -> None:
        self._in_parallel("GET", {f"{place}/{number}.bin": None for number in range(FILES)})

    def _in_parallel(self, method: str, requests: dict[str, bytes | None]) -> None:
        shares = [list(requests.items())[start::CONNECTIONS] for start in range(CONNECTIONS)]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(lambda share: self._one_after_the_other(method, share), shares):
                pass

    def _one_after_the_other(self, method: str, share: list[tuple[str, bytes | None]]) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        for path, body in share:
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise SystemExit(f"{method} {path} answered {answer.status}")
        connection.close()


def _clients(url: str) -> dict[str, Any]:
    import mlflow  # noqa: PLC0415 - the peer, and heavy

    clients = {
        "bare": _Bare(url),
        "penstock": MlflowClient(url),
        "mlflow": mlflow.MlflowClient(url),
    }
    gc.freeze()  # or the garbage collector searches the peer's imports in everybody's time
    return clients


def _small_files(clients: dict[str, Any], folder: Path) -> Iterator[Line]:
    up: dict[str, list[float]] = {name: [] for name in clients}
    down: dict[str, list[float]] = {name: [] for name in clients}
    for number in range(ROUNDS + 1):
        for name, client in _rotated(clients, number):
            run_id, place = _new_run(clients)
            where = place if name == "bare" else run_id
            seconds = _timed(client.log_artifacts, where, str(folder / "small"))
            target = folder / "target"
            target.mkdir()
            back = _timed(client.download_artifacts, where, "", str(target))
            _check(name, target, count=FILES)
            if number:  # the first round warms up
                up[name].append(seconds)
                down[name].append(back)
    for way, seconds_of in (("up", up), ("down", down)):
        what = f"{FILES} files of {FILE_SIZE // 1000} kB {way}"
        yield _faster(f"{what}, of the server's own pace", seconds_of, "bare", 0.9)
        yield _faster(f"{what}, against mlflow", seconds_of, "mlflow", 1.2)


def _large_file(clients: dict[str, Any], folder: Path) -> Iterator[Line]:
    peers = {name: clients[name] for name in ("penstock", "mlflow")}
    up: dict[str, list[float]] = {name: [] for name in peers}
    down: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(LARGE_ROUNDS + 1):
        for name, client in _rotated(peers, number):
            run_id, _ = _new_run(clients)
            seconds = _timed(client.log_artifact, run_id, str(folder / "large.bin"))
            target = folder / "target"
            target.mkdir()
            back = _timed(client.download_artifacts, run_id, "large.bin", str(target))
            _check(name, target, count=1)
            for stored in (folder / "mlflow").rglob("large.bin"):
                stored.unlink()  # or the disk is what is measured
            if number:
                up[name].append(seconds)
                down[name].append(back)
    for way, seconds_of in (("up", up), ("down", down)):
        yield _faster(f"256 MiB file {way}, against mlflow", seconds_of, "mlflow", 1.0)


def _rotated(clients: dict[str, Any], number: int) -> list[tuple[str, Any]]:
    """Return the clients, each time with another one first."""
    items = list(clients.items())
    start = number % len(items)
    return items[start:] + items[:start]


def _new_run(clients: dict[str, Any]) -> tuple[str, str]:
    info = clients["penstock"].create_run("0").info
    return info.run_id, f"{PLACE}/{info.artifact_uri.partition(':/')[2]}"


def _timed(call: Callable[..., object], *arguments: str) -> float:
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def _check(name: str, target: Path, *, count: int) -> None:
    found = sum(path.is_file() for path in target.iterdir())
    shutil.rmtree(target)
    if name != "bare" and found != count:
        raise SystemExit(f"{name} downloaded {found} of {count} files")


def _faster(what: str, seconds: dict[str, list[float]], peer: str, at_least: float) -> Line:
    """Compare round by round: what else the machine does falls on both."""
    ratios = [
        theirs / ours for theirs, ours in zip(seconds[peer], seconds["penstock"], strict=True)
    ]
    return Line(
        what,
        statistics.median(ratios),
        " x",
        at_least=at_least,
        detail="; ".join(
            f"{name} p50 {statistics.median(values):.2f} s, p99 {max(values):.2f} s"
            for name, values in seconds.items()
        ),
    )
