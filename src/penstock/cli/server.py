"""The server that a command speaks to, with the login of the settings."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from penstock.cli.settings import read_settings
from penstock.errors import ConfigurationError, MlflowException
from penstock.rest.exchange import (
    ERROR_CODES,
    Answer,
    Connection,
    Exchange,
    Request,
    open_exchange,
    parse_address,
    refusal,
    resolve_connections,
)

_CLIENT_SETTING: Final = "MLFLOW_TRACKING_URI"
_SETTINGS: Final = ("PENSTOCK_URL", _CLIENT_SETTING, "MLFLOW_API_BASE_URL")
_NOT_FOUND: Final = 404
_ABOUT_THE_REQUEST: Final = frozenset({400, 404, 409, 412, 422})
"""Refusals whose own words say all; the others need advice on address or login."""

SECONDS: Final = 10.0
"""How long a command waits for an answer."""


class Place(NamedTuple):
    """The address of a server, which may hold a login, and the option or setting that names it."""

    address: str
    source: str


class Server(NamedTuple):
    """One server, asked once and without repeating: a command says at once what is wrong."""

    connection: Connection
    exchange: Exchange
    source: str

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
            setting = self.source if self.source == "--uri" else "PENSTOCK_URL"
            return ConfigurationError(
                f"there is no Penstock gateway at {self.connection.base_url}; set {setting} "
                "to the address of one, or use --data DIR on its machine"
            )
        if answer.status not in _ABOUT_THE_REQUEST or detail is None:
            return refusal(answer)
        return MlflowException(detail, ERROR_CODES.get(answer.status, "BAD_REQUEST"))


@contextmanager
def open_server(uri: str | None = None) -> Iterator[Server]:
    """Connect to the server of `--uri` or the settings. Raises ConfigurationError without one."""
    place = find_place(uri)
    connections = resolve_connections(place.address, timeout=SECONDS, retries=0)
    with named(place.source), connected(connections.tracking, place.source) as server:
        yield server


@contextmanager
def connected(connection: Connection, source: str) -> Iterator[Server]:
    """Speak to a server while the block runs."""
    exchange = open_exchange(connection)
    try:
        yield Server(connection, exchange, source)
    finally:
        exchange.close()


@contextmanager
def named(source: str) -> Iterator[None]:
    """Let errors advise on the option or setting that counts, not on the client's own one."""
    try:
        yield
    except MlflowException as error:
        error.message = error.message.replace(_CLIENT_SETTING, source)
        error.args = (error.message,)
        raise


def find_place(uri: str | None) -> Place:
    """Return the server of `--uri` or the settings, its address checked."""
    config = read_settings()
    source = "--uri" if uri else next((name for name in _SETTINGS if name in config), None)
    if source is None:
        raise ConfigurationError(
            "no server is named: pass --uri http://host:port, "
            "or set PENSTOCK_URL or MLFLOW_TRACKING_URI"
        )
    address = uri or config[source]
    # First under its own name: the client would speak of an argument that nobody here has given.
    parse_address(address, source)
    return Place(address, source)


def _find_detail(answer: Answer) -> str | None:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    detail = document.get("detail") if isinstance(document, dict) else None
    return detail if isinstance(detail, str) else None
