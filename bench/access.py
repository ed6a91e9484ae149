"""What one may see: the gateway against MLflow's own `basic-auth` with equal grants."""

import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.calls import Caller, in_turns, login
from bench.contents import EXPERIMENTS, MODELS, Reader, readers
from bench.line import Line, milliseconds
from bench.servers import PASSWORD, USERNAME, Server, gateway, mlflow_server

API: Final = "/api/2.0/mlflow"
PAGE: Final = 100
GET_ROUNDS = 600
PEER_ROUNDS, OUR_CALLS = 30, 10


@dataclass(frozen=True)
class Search:
    """A search by one reader; in a round one call to the peer, `ours` to the gateway.

    MLflow itself is asked for a page of what there is, so that one sees what the narrowing costs.
    """

    what: str
    reader: str
    target: str
    rows: str
    at_least: float
    rounds: int
    ours: int
    document: Mapping[str, Any] | None = None


EXPERIMENTS_SEARCH: Final = f"{API}/experiments/search"
MODELS_SEARCH: Final = f"{API}/registered-models/search?max_results={PAGE}"
SEARCHES: Final = (
    Search(
        f"a page of {PAGE} of {EXPERIMENTS} experiments, 1 % by ids",
        "exact grants on experiments",
        EXPERIMENTS_SEARCH,
        "experiments",
        at_least=200,
        rounds=3,
        ours=60,
        document={"max_results": PAGE},
    ),
    Search(
        f"a page of {PAGE} of {EXPERIMENTS} experiments, 1 % by a prefix",
        "one prefix grant on experiments",
        EXPERIMENTS_SEARCH,
        "experiments",
        at_least=200,
        rounds=2,
        ours=60,
        document={"max_results": PAGE},
    ),
    Search(
        f"a page of {PAGE} of {MODELS} models, 1 % by a prefix",
        "one prefix grant on models",
        MODELS_SEARCH,
        "registered_models",
        at_least=25,
        rounds=12,
        ours=20,
    ),
    Search(
        f"a page of {PAGE} of {MODELS} models, 1 % by scattered names",
        "scattered grants on models",
        MODELS_SEARCH,
        "registered_models",
        at_least=20,
        rounds=12,
        ours=20,
    ),
)


@dataclass(frozen=True)
class Servers:
    """The three, with the same contents; the run is what is read one by one."""

    direct: Server
    penstock: Server
    peer: Server
    run_id: str


def lines() -> Iterator[Line]:
    """Fill the servers, start them and measure."""
    with tempfile.TemporaryDirectory() as name, _servers(Path(name)) as servers:
        yield from _get_run(servers)
        for search in SEARCHES:
            yield _search(servers, search)


@contextmanager
def _servers(folder: Path) -> Iterator[Servers]:
    contents = folder / "contents"
    contents.mkdir()
    run_id = _fill(contents)
    with (
        mlflow_server(folder / "mlflow", contents=contents) as direct,
        gateway(folder / "gateway", direct.port) as penstock,
        mlflow_server(folder / "basic-auth", basic_auth=True, contents=contents) as peer,
    ):
        for reader in readers().values():
            _admit(penstock, reader)
        yield Servers(direct, penstock, peer, run_id)


def _fill(folder: Path) -> str:
    filled = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.fill", str(folder)],
        input=json.dumps({"admin": USERNAME, "password": PASSWORD}),
        capture_output=True,
        text=True,
        check=False,
    )
    if filled.returncode:
        raise SystemExit(f"the databases were not filled:\n{filled.stderr[-2000:]}")
    return filled.stdout.strip()


def _admit(penstock: Server, reader: Reader) -> None:
    """Make a user with their grants, as an administrator does."""
    _post(penstock, "/v1/user", {"email": reader.email, "password": PASSWORD})
    for kind, pattern in reader.ours:
        grant = {"subject": f"user:{reader.email}", "kind": kind, "pattern": pattern}
        _post(penstock, "/v1/grant", {**grant, "level": "READ"})


def _post(server: Server, path: str, document: Mapping[str, str]) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}",
        data=json.dumps(document).encode(),
        headers={**login(), "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60):
        return


def _get_run(servers: Servers) -> Iterator[Line]:
    target = f"{API}/runs/get?run_id={servers.run_id}"
    header = login(readers()["exact grants on experiments"].email)
    ours = Caller(servers.penstock.port, header, target=target)
    direct = Caller(servers.direct.port, {}, target=target)
    peer = Caller(servers.peer.port, header, target=target)

    seconds = in_turns({"gateway": ours, "direct": direct}, GET_ROUNDS)
    yield Line(
        "runs/get by a grant, p50 against direct",
        statistics.median(seconds["gateway"]) / statistics.median(seconds["direct"]),
        " x",
        at_most=1.3,
        detail=_described(seconds),
    )
    seconds = in_turns(
        {"gateway": ours, "basic-auth": peer},
        PEER_ROUNDS,
        calls_of={"gateway": OUR_CALLS},
        warm_up=2,
    )
    _check_same(ours, peer, "run")
    yield Line(
        "runs/get by a grant, against basic-auth",
        statistics.median(seconds["basic-auth"]) / statistics.median(seconds["gateway"]),
        " x faster",
        at_least=25,
        detail=_described(seconds),
    )


def _search(servers: Servers, search: Search) -> Line:
    header = login(readers()[search.reader].email)
    callers = {
        name: Caller(server.port, header, target=search.target, document=search.document)
        for name, server, header in (
            ("gateway", servers.penstock, header),
            ("direct, unrestricted", servers.direct, {}),
            ("basic-auth", servers.peer, header),
        )
    }
    seconds = in_turns(
        callers, search.rounds, calls_each=search.ours, calls_of={"basic-auth": 1}, warm_up=1
    )
    rows = _check_same(callers["gateway"], callers["basic-auth"], search.rows)
    return Line(
        search.what,
        statistics.median(seconds["basic-auth"]) / statistics.median(seconds["gateway"]),
        " x faster",
        at_least=search.at_least,
        detail=f"{len(rows)} rows from each; {_described(seconds)}",
    )


def _described(seconds: Mapping[str, Sequence[float]]) -> str:
    return "; ".join(f"{name} {milliseconds(values)}" for name, values in seconds.items())


def _check_same(ours: Caller, peers: Caller, member: str) -> Any:
    """Return what both have answered, which must be the same."""
    mine, theirs = (json.loads(caller.answer)[member] for caller in (ours, peers))
    if mine != theirs:
        raise SystemExit(f"the gateway and basic-auth answer with other {member}")
    return mine
