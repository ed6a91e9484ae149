"""The server that a command speaks to, with the login of the settings."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, NamedTuple

from penstock.cli.settings import read_settings
from penstock.errors import ConfigurationError, MlflowException
from penstock.rest._address import parse_address
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection, resolve_connections
from penstock.rest._exchange import Exchange, open_exchange
from penstock.rest._refusals import ERROR_CODES, refusal
from penstock.rest._request import Request

_SETTINGS: Final = ("PENSTOCK_URL", "MLFLOW_TRACKING_URI", "MLFLOW_API_BASE_URL")
_NOT_FOUND: Final = 404
_ABOUT_THE_REQUEST: Final = frozenset({400, 404, 409, 412, 422})
"""Refusals whose own words say all; the others need advice on address or login."""

SECONDS: Final = 10.0
"""How long a command waits for an answer."""


class Server(NamedTuple):
    """One server, asked once and without repeating: a command says at once what is wrong."""

    connection: Connection
    exchange: Exchange

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer, whatever it says. Raises TransportError where there is none."""
        return self.send(method, path, None if body is None else json.dumps(body).encode())

    def send(self, method: str, path: str, content: bytes | None = None) -> Answer:
        """Return the answer to a request with bytes. Raises TransportError like `ask`."""
        return self.exchange.send(
            Request(method, f"{self.connection.base_url}{path}", path, content)
        )

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON is any
        """Call the gateway's own API; return the JSON of its answer.

        Raises MlflowException with what the gateway says, ConfigurationError if it is none.
        """
        answer = self.ask(method, path, body)
        if answer.is_success:
            return answer.json()
        raise self._refused(answer)

    def _refused(self, answer: Answer) -> MlflowException | ConfigurationError:
        detail = _find_detail(answer)
        if answer.status == _NOT_FOUND and detail is None:
            return ConfigurationError(
                f"there is no Penstock gateway at {self.connection.base_url}; set PENSTOCK_URL "
                "to the address of one, or use --data DIR on its machine"
            )
        if answer.status not in _ABOUT_THE_REQUEST or detail is None:
            return refusal(answer)
        return MlflowException(detail, ERROR_CODES.get(answer.status, "BAD_REQUEST"))


def open_server(uri: str | None = None) -> AbstractContextManager[Server]:
    """Connect to the server of `--uri` or the settings. Raises ConfigurationError without one."""
    return connected(resolve_connections(find_address(uri), timeout=SECONDS, retries=0).tracking)


@contextmanager
def connected(connection: Connection) -> Iterator[Server]:
    """Speak to a server while the block runs."""
    exchange = open_exchange(connection)
    try:
        yield Server(connection, exchange)
    finally:
        exchange.close()


def find_address(uri: str | None) -> str:
    """Return the address in `--uri` or the settings, checked; it may hold a login."""
    config = read_settings()
    name = "--uri" if uri else next((name for name in _SETTINGS if name in config), None)
    if name is None:
        raise ConfigurationError(
            "no server is named: pass --uri http://host:port, "
            "or set PENSTOCK_URL or MLFLOW_TRACKING_URI"
        )
    address = uri or config[name]
    # First under its own name: the client would speak of an argument that nobody here has given.
    parse_address(address, name)
    return address


def _find_detail(answer: Answer) -> str | None:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    detail = document.get("detail") if isinstance(document, dict) else None
    return detail if isinstance(detail, str) else None
