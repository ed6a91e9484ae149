"""Changes of a rollout, and lists of its runs: Penstock's functions against calls run by run."""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from bench.line import Line, milliseconds
from bench.rollout_contents import SCOPES, SUBMODEL, VERSION, run_ids
from bench.servers import PASSWORD, USERNAME, gateway, mlflow_server
from penstock import MlflowClient
from penstock.rollout import list_runs, update_active_runs
from penstock.rollout.runs import RolloutRuns

LARGE, SMALL = SCOPES
ROUNDS, LISTS = 60, 15
WARM_UP = 3
CHANGING = 3
SHARES = ((5, 3, 2), (2, 5, 3))
"""Of the runs that change, in turns."""


def lines() -> Iterator[Line]:
    """Fill a server, and measure it directly and through a gateway."""
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "contents").mkdir()
        database = folder / "contents" / "mlflow.db"
        command = [sys.executable, "-m", "bench.rollout_fill", str(database)]
        subprocess.run(command, check=True, capture_output=True)
        with mlflow_server(folder / "mlflow", contents=database.parent) as server:
            place = _Place(f"http://127.0.0.1:{server.port}", folder / "mlflow" / "log")
            with MlflowClient(place.url) as client:
                yield from _changes(client, place, way="")
                yield from _lists(client, place)
            with _over_gateway(folder / "gateway", server.port) as client:
                yield from _changes(client, place, way=", through the gateway")


class _Place(NamedTuple):
    """A server, and the file in which it writes a line for each request."""

    url: str
    log: Path

    def requests(self) -> int:
        return self.log.read_text(errors="replace").count(' HTTP/1.1" ')


class _Timed(NamedTuple):
    """Seconds of each call, and how many requests one took."""

    seconds: list[float]
    requests: float

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return f"{milliseconds(self.seconds)}, {self.requests:g} requests"


def _changes(client: MlflowClient, place: _Place, *, way: str) -> Iterator[Line]:
    calls = {"large": _change_of(client, LARGE), "small": _change_of(client, SMALL)}
    timed = _in_turns(place, {**calls, "peer": _change_by_peer(place)}, ROUNDS)
    large, small, peer = timed["large"], timed["small"], timed["peer"]
    count = SCOPES[LARGE]
    detail = f"penstock {large}; mlflow, each run: {peer}"
    yield Line(
        f"{CHANGING} of {count} runs change, against a loop over the scope{way}",
        peer.median * count / large.median,
        " x faster",
        at_least=50,
        detail=detail,
    )
    yield Line(
        f"the same against a loop over the {CHANGING} alone, which may be torn{way}",
        large.median / (peer.median * CHANGING),
        " x",
        at_most=2,
        detail=detail,
    )
    yield Line(
        f"the same in a scope of {count} against one of {SCOPES[SMALL]}{way}",
        large.median / small.median,
        " x",
        at_most=1.5,
        detail=f"{count} runs: {large}; {SCOPES[SMALL]} runs: {small}",
    )


def _lists(client: MlflowClient, place: _Place) -> Iterator[Line]:
    import mlflow  # noqa: PLC0415 - the peer, and slow to import

    def listed() -> RolloutRuns:
        return list_runs(VERSION, LARGE, submodel_name=SUBMODEL, client=client)

    mlflow.set_tracking_uri(place.url)
    where = f"params.submodel_name = '{SUBMODEL}'"
    timed = _in_turns(
        place,
        {
            "list_runs": listed,
            "list_runs as a table": lambda: listed().to_pandas(),
            "mlflow.search_runs": lambda: mlflow.search_runs([str(LARGE)], filter_string=where),
        },
        LISTS,
    )
    yield Line(
        f"list_runs of {SCOPES[LARGE]} runs, p50 against mlflow.search_runs",
        timed["list_runs"].median / timed["mlflow.search_runs"].median,
        " x",
        at_most=1.1,
        detail="; ".join(f"{name} {told}" for name, told in timed.items()),
    )


def _change_of(client: MlflowClient, experiment_id: int) -> Callable[[], object]:
    changing = run_ids(experiment_id, SCOPES[experiment_id])[:CHANGING]
    turns = cycle(SHARES)

    def change() -> object:
        shares = dict(zip(changing, next(turns), strict=True))
        return update_active_runs(
            shares, VERSION, experiment_id, submodel_name=SUBMODEL, client=client
        )

    return change


def _change_by_peer(place: _Place) -> Callable[[], object]:
    """Return what a change of one run was before there were plans: reopened, told, ended."""
    import mlflow  # noqa: PLC0415 - the peer, and slow to import

    stock = mlflow.MlflowClient(place.url)
    gc.freeze()  # or the garbage collector searches the peer's imports in everybody's time
    ids = cycle(run_ids(LARGE, SCOPES[LARGE])[CHANGING:])

    def change() -> None:
        run_id = next(ids)
        stock.update_run(run_id, status="RUNNING")
        stock.log_metric(run_id, "peer_state", 2)
        stock.log_metric(run_id, "peer_fraction", 0.2)
        stock.set_terminated(run_id)

    return change


def _in_turns(
    place: _Place, calls: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, _Timed]:
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    requests = dict.fromkeys(calls, 0)
    for number in range(WARM_UP + rounds):
        for name, call in calls.items():
            before, started = place.requests(), time.perf_counter()
            call()
            taken = time.perf_counter() - started
            if number >= WARM_UP:
                seconds[name].append(taken)
                requests[name] += place.requests() - before
    return {name: _Timed(seconds[name], requests[name] / rounds) for name in calls}


@contextmanager
def _over_gateway(folder: Path, upstream_port: int) -> Iterator[MlflowClient]:
    with gateway(folder, upstream_port) as server:
        url = f"http://127.0.0.1:{server.port}"
        with MlflowClient(url, username=USERNAME, password=PASSWORD) as client:
            yield client
