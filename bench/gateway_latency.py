"""The gateway against MLflow itself and against MLflow's own login."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.calls import Caller, in_turns, login, rate
from bench.line import Line, milliseconds
from bench.servers import Server, gateway, mlflow_server

ROUNDS = 600
PEER_ROUNDS = 12
PEER_CALLS_EACH = 5
TURNS = 6
TURN_SECONDS = 2.5
CONNECTIONS = 8
MEBIBYTE = 1024 * 1024


def lines() -> Iterator[Line]:
    """Start the three servers and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            mlflow_server(folder / "mlflow") as direct,
            gateway(folder / "gateway", direct.port) as penstock,
        ):
            yield from _start(direct, penstock)
            yield from _one_connection(direct, penstock)
            yield from _many_connections(direct, penstock)
            with mlflow_server(folder / "basic-auth", basic_auth=True) as peer:
                yield from _against_basic_auth(penstock, peer)


def _start(direct: Server, penstock: Server) -> Iterator[Line]:
    yield Line(
        "gateway ready, against MLflow ready",
        penstock.seconds_to_start / direct.seconds_to_start,
        " x",
        at_most=1 / 3,
        detail=f"{penstock.seconds_to_start:.1f} s against {direct.seconds_to_start:.1f} s, "
        "on fresh databases",
    )


def _one_connection(direct: Server, penstock: Server) -> Iterator[Line]:
    callers = {"direct": Caller(direct.port, {}), "gateway": Caller(penstock.port, login())}
    seconds = in_turns(callers, ROUNDS)
    yield Line(
        "authenticated experiments/get, p50 against direct",
        statistics.median(seconds["gateway"]) / statistics.median(seconds["direct"]),
        " x",
        at_most=1.25,
        aim=1.15,
        detail=f"gateway {milliseconds(seconds['gateway'])}; "
        f"direct {milliseconds(seconds['direct'])}",
    )
    yield Line(
        "gateway alone, memory of all its processes",
        penstock.resident_bytes() / MEBIBYTE,
        " MiB",
        at_most=120,
        detail=f"resident, after {ROUNDS} calls; "
        f"MLflow {direct.resident_bytes() / MEBIBYTE:.0f} MiB",
    )


def _many_connections(direct: Server, penstock: Server) -> Iterator[Line]:
    straight = [Caller(direct.port, {}) for _ in range(CONNECTIONS)]
    through = [Caller(penstock.port, login()) for _ in range(CONNECTIONS)]
    rates: dict[str, list[float]] = {"direct": [], "gateway": []}
    for _ in range(TURNS):
        rates["direct"].append(rate(straight, TURN_SECONDS))
        rates["gateway"].append(rate(through, TURN_SECONDS))
    direct_rate, gateway_rate = (statistics.median(rates[key]) for key in ("direct", "gateway"))
    yield Line(
        f"rate with {CONNECTIONS} connections, against direct",
        gateway_rate / direct_rate,
        " x",
        at_least=0.8,
        detail=f"gateway {gateway_rate:.0f} calls/s; direct {direct_rate:.0f} calls/s",
    )


def _against_basic_auth(penstock: Server, peer: Server) -> Iterator[Line]:
    callers = {
        "gateway": Caller(penstock.port, login()),
        "basic-auth": Caller(peer.port, login()),
    }
    seconds = in_turns(callers, PEER_ROUNDS, calls_each=PEER_CALLS_EACH)
    yield Line(
        "authenticated experiments/get, against basic-auth",
        statistics.median(seconds["basic-auth"]) / statistics.median(seconds["gateway"]),
        " x faster",
        at_least=25,
        detail=f"gateway {milliseconds(seconds['gateway'])}; "
        f"basic-auth {milliseconds(seconds['basic-auth'])}",
    )
