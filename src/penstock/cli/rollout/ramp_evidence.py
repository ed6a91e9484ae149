"""What inference servers say of a run: asked for over HTTP, or read from their data folder."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec

from penstock.cli.server import SECONDS, Server, connected, named
from penstock.cli.settings import read_settings
from penstock.errors import ConfigurationError, ServerUnreachable, TransportError
from penstock.rest.exchange import parse_address, resolve_connections
from penstock.rollout.ramps.evidence import Bounds, Counts, Evidence, together

OPTION: Final = "--server"
BROKEN: Final = 500


class _RunSaid(msgspec.Struct):
    """What a report says of one run."""

    run_id: str
    requests: int
    errors: int
    latency: dict[float, int]
    outcome: Bounds | None
    difference: Bounds | None


class _ReportSaid(msgspec.Struct):
    """What a report says, as far as a ramp goes by it."""

    runs: list[_RunSaid]
    missing: dict[str, str]


class EvidenceSource(Protocol):
    """Where it is known how runs have answered."""

    def __call__(self, run_id: str, baseline: str) -> Evidence:
        """Return what is known of a run, and of the one that it is compared with."""


@contextmanager
def open_source(addresses: Sequence[str], data: Path | None) -> Iterator[EvidenceSource]:
    """Open the servers, or without any the data folder. Raises ConfigurationError."""
    with ExitStack() as opened:
        servers = [opened.enter_context(_open(address)) for address in addresses]
        yield _Servers(servers) if servers else _Folder(data)


class _Servers:
    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers

    def __call__(self, run_id: str, baseline: str) -> Evidence:
        """Ask all servers. Raises TransportError where one does not answer."""
        with named(OPTION):
            return together(_ask(server, run_id, baseline) for server in self._servers)


class _Folder:
    def __init__(self, data: Path | None) -> None:
        from penstock.cli.extras import require_serving  # noqa: PLC0415 - only a folder needs it

        require_serving("rollout ramp --data")
        from penstock.serving.settings import read_serve_settings  # noqa: PLC0415 - the same

        given = None if data is None else str(data)
        self._folder = read_serve_settings(read_settings(), data_dir=given).folder

    def __call__(self, run_id: str, baseline: str) -> Evidence:
        """Read what all servers have written. Raises ConfigurationError where there is none."""
        from penstock.serving.past import read_reports  # noqa: PLC0415 - only a folder needs it

        reports = read_reports(self._folder, against=baseline)
        if not reports:
            raise ConfigurationError(
                f"no server has written to {self._folder} yet: say where one answers, "
                f"{OPTION} http://host:9000, or its folder, --data DIR"
            )
        documents = [found.to_document() for found in reports]
        return together(_read(document, run_id, baseline) for document in documents)


@contextmanager
def _open(address: str) -> Iterator[Server]:
    parsed = parse_address(address, OPTION)
    connection = resolve_connections(address, timeout=SECONDS, retries=0).tracking
    # The login of the settings is MLflow's, and none of an inference server's business.
    own = connection._replace(credentials=parsed.credentials)
    with connected(own, OPTION) as server:
        yield server


def _ask(server: Server, run_id: str, baseline: str) -> Evidence:
    answer = server.ask("GET", f"/report?against={quote(baseline, safe='')}")
    if answer.status >= BROKEN:
        raise ServerUnreachable(f"{server.connection.base_url}/report answers {answer.status}")
    try:
        document = answer.json() if answer.is_success else None
        return _read(document, run_id, baseline)
    except (TransportError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            f"{server.connection.base_url} is no `penstock serve` of this version "
            f"(/report answers {answer.status}); name one with {OPTION}"
        ) from error


def _read(document: Any, run_id: str, baseline: str) -> Evidence:  # noqa: ANN401 - JSON is any
    report = msgspec.convert(document, _ReportSaid, strict=False)
    runs = {run.run_id: run for run in report.runs}
    known = runs.get(run_id)
    outcome = known.outcome if known else None
    difference = known.difference if known else None
    return Evidence(
        _counts(known),
        _counts(runs.get(baseline)),
        () if outcome is None else (outcome,),
        () if difference is None else (difference,),
        tuple(why for missing, why in report.missing.items() if missing == run_id),
    )


def _counts(run: _RunSaid | None) -> Counts:
    return Counts() if run is None else Counts(run.requests, run.errors, run.latency)
