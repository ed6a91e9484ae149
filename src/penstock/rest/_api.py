from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import MlflowException, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest._answer import Answer
    from penstock.rest._channel import Channel
    from penstock.rest._connection import Connection
    from penstock.rest._content import Content
    from penstock.rest._server_version import Novelty
    from penstock.rest._sink import Sink

QUERY_METHODS = ("GET", "HEAD", "OPTIONS")
BODY_METHODS = ("POST", "PUT", "PATCH", "DELETE")
REGISTRY_ENDPOINTS = ("mlflow/registered-models/", "mlflow/model-versions/")


class Api:
    """MLflow's REST API at one address. Connects, and loads what that takes, with the first call.

    Endpoints are named as in `mlflow/runs/get`; an argument of None counts as left out.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._channel: Channel | None = None
        self._is_closed = False

    def get(self, endpoint: str, /, **query: object) -> Answer:
        """Ask for something; lists become repeated parameters."""
        return self._open().call("GET", endpoint, query=query)

    def post(self, endpoint: str, /, **body: object) -> Answer:
        """Send a JSON object by POST."""
        return self._open().call("POST", endpoint, body=body)

    def patch(self, endpoint: str, /, **body: object) -> Answer:
        """Send a JSON object by PATCH."""
        return self._open().call("PATCH", endpoint, body=body)

    def delete(self, endpoint: str, /, **body: object) -> Answer:
        """Send a JSON object by DELETE."""
        return self._open().call("DELETE", endpoint, body=body)

    def fetch(self, endpoint: str, sink: Sink, *, size: int | None = None) -> None:
        """Write what an endpoint answers to a sink; `size` in bytes is checked, if it is known."""
        self._open().download(endpoint, sink, size=size)

    def fetch_at(
        self, url: str, sink: Sink, *, size: int | None = None, headers: Mapping[str, str]
    ) -> None:
        """Write what a URL of this server, which holds its own proof, answers to a sink."""
        self._open().download_at(url, sink, size=size, headers=headers)

    def store(self, endpoint: str, content: Content, *, media_type: str | None) -> Answer:
        """Put content at an endpoint."""
        return self._open().store(endpoint, content, media_type=media_type)

    def store_at(self, url: str, content: Content, *, headers: Mapping[str, str]) -> Answer:
        """Put content at a URL of this server that holds its own proof."""
        return self._open().store_at(url, content, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a call outside MLflow's API; `path` begins with `/` and is percent-encoded."""
        return self._open().call(method, path, query=query, body=body, headers=headers)

    def call(self, endpoint: str, method: str, data: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
        """Send a call as a user wrote it, and return the JSON of the answer.

        The endpoint may begin with `/`, and with `api/2.0/` or another version of the API.
        """
        name = _endpoint_name(endpoint)
        verb = method.upper()
        if verb in QUERY_METHODS:
            return self._open().call(verb, name, query=data or {}).json()
        if verb in BODY_METHODS:
            return self._open().call(verb, name, body=data or {}).json()
        raise MlflowException(
            f"no such HTTP method: '{method}'; use {', '.join(QUERY_METHODS + BODY_METHODS)}",
            "INVALID_PARAMETER_VALUE",
        )

    def require(self, novelty: Novelty) -> None:
        """Raise ServerTooOld if the server is known to lack something; it is asked once."""
        self._open().version.check(novelty)

    def close(self) -> None:
        """End all connections; later calls are refused."""
        self._is_closed = True
        if self._channel is not None:
            self._channel.close()

    def _open(self) -> Channel:
        if self._is_closed:
            raise TransportError("this client has been closed; make a new one")
        if self._channel is None:
            # The HTTP and JSON libraries: a client that was only made does not pay for them.
            from penstock.rest._channel import Channel  # noqa: PLC0415

            self._channel = Channel(self.connection)
        return self._channel


def concerns_registry(endpoint: str) -> bool:
    """Tell whether an endpoint is the registry's, which may be another server."""
    return _endpoint_name(endpoint).startswith(REGISTRY_ENDPOINTS)


def _endpoint_name(endpoint: str) -> str:
    return endpoint.strip("/").removeprefix("api/2.0/")
