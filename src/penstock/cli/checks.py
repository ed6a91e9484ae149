"""Whether a client can work with a server: one check after the other, each with its time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from penstock.cli.artifact_check import check_round_trip
from penstock.cli.server import Server, connected, named
from penstock.errors import NotMlflow, PenstockError
from penstock.rest import MlflowClient
from penstock.rest.exchange import refusal
from penstock.uris import parse_artifacts_uri

_OK: Final = 200


class Status(Enum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class NothingToCheck(Exception):
    """A check does not apply; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's result; the detail of a failure says what to do."""

    name: str
    status: Status
    seconds: float
    detail: str

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        return {
            "name": self.name,
            "status": self.status.value,
            "seconds": round(self.seconds, 4),
            "detail": self.detail,
        }


class Checks:
    """The checks of one server. `client` speaks to the same one."""

    def __init__(self, server: Server, client: MlflowClient) -> None:
        self._server = server
        self._client = client
        self._is_gateway = False

    def run(self) -> Iterator[Outcome]:
        """Run all checks; what comes after an unreachable server or a refused login is skipped."""
        needed = {"server": self._check_server, "credentials": self._check_credentials}
        wanted: dict[str, Callable[[], str]] = {
            **needed,
            "version": self._check_version,
            "experiments": self._check_experiments,
            "registry": self._check_registry,
            "artifacts": self._check_artifacts,
        }
        broken = None
        for name, check in wanted.items():
            if broken:
                yield Outcome(name, Status.SKIPPED, 0.0, f"not tried, for '{broken}' failed")
                continue
            outcome = self._run(name, check)
            if outcome.status is Status.FAILED and name in needed:
                broken = name
            yield outcome

    def _run(self, name: str, check: Callable[[], str]) -> Outcome:
        started = time.perf_counter()
        try:
            with named(self._server.source):
                status, detail = Status.OK, check()
        except NothingToCheck as reason:
            status, detail = Status.SKIPPED, str(reason)
        except PenstockError as error:
            status, detail = Status.FAILED, str(error)
        return Outcome(name, status, time.perf_counter() - started, detail)

    def _check_server(self) -> str:
        answer = self._server.ask("GET", "/health")
        if answer.status != _OK:
            raise NotMlflow(
                f"{self._server.connection.base_url} answers {answer.status} to /health, so it is "
                "no MLflow server or gateway; check host, port and path of the address"
            )
        self._is_gateway = answer.body.lstrip().startswith(b"{")
        kind = "Penstock gateway" if self._is_gateway else "MLflow server"
        return f"{kind} at {self._server.connection.base_url}"

    def _check_credentials(self) -> str:
        if self._is_gateway:
            me = self._server.call("GET", "/v1/me")["data"]
            return f"{me['email']}{' (administrator)' if me['is_admin'] else ''}"
        self._client.search_experiments(max_results=1)
        return "accepted" if self._asks_for_a_login() else "the server asks for none"

    def _asks_for_a_login(self) -> bool:
        stranger = self._server.connection._replace(credentials=None)
        with connected(stranger, self._server.source) as server:
            answer = server.ask("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1})
        return not answer.is_success

    def _check_version(self) -> str:
        answer = self._server.ask("GET", "/version")
        if not answer.is_success:
            raise refusal(answer)
        return f"MLflow {answer.body.decode(errors='replace').strip()[:40]}"

    def _check_experiments(self) -> str:
        found = self._client.search_experiments(max_results=1)
        return f"readable, such as '{found[0].name}'" if found else "readable, none visible yet"

    def _check_registry(self) -> str:
        found = self._client.search_registered_models(max_results=1)
        return f"readable, such as '{found[0].name}'" if found else "readable, none visible yet"

    def _check_artifacts(self) -> str:
        found = self._client.search_experiments(max_results=1)
        if not found:
            raise NothingToCheck("no experiment is visible that could hold an artifact")
        location = found[0].artifact_location
        if not location.startswith("mlflow-artifacts:"):
            raise NothingToCheck(f"clients reach {location} by themselves, not through the server")
        return check_round_trip(self._server, parse_artifacts_uri(location).path)
