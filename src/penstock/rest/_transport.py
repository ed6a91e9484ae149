from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar

# Imported now: the library imports this only with its first error, and a signal that comes in
# between would then abort the process.
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import (
    BodyDecodeError,
    ClientClosedError,
    DecodeError,
    NetworkError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.request import SyncRequestBuilder
from pyreqwest.response import SyncResponse

from penstock import __version__
from penstock.errors import TransportError
from penstock.rest import _failures
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._courier import Courier
from penstock.rest._request import Request
from penstock.rest._sink import Sink
from penstock.rest._trust import read_pem

T = TypeVar("T")

IDLE_SECONDS = 4
"""Shorter than the 5 s after which MLflow's server closes a connection: it must not be first."""
WHOLE_ANSWER = 5
"""A JSON answer may take this many read timeouts in all, however steadily it drips."""
LONGEST_REFUSAL = 1 << 16
CONNECT_PHASE = "client error (Connect)"
TLS_REASONS = ("certificate", "corrupt message", "fatal alert", "peer is incompatible", "handshake")


class Exchange(Protocol):
    """A way to send requests to one server. Raises only PenstockError."""

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""

    def fetch(self, request: Request, sink: Sink) -> Answer:
        """Send a request and write the body of a successful answer to a sink."""

    def close(self) -> None:
        """End all connections."""


class Transport:
    """Sends requests by `pyreqwest`: pooled connections, unpacking, the usual proxy variables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = _build_client(connection)
        self._courier = Courier()

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        return self._courier.run(partial(self._translated, request, self._send))

    def fetch(self, request: Request, sink: Sink) -> Answer:
        """Send a request and write the body of a successful answer to a sink."""
        fetch = partial(self._fetch, sink=sink)
        return self._courier.run(partial(self._translated, request, fetch))

    def close(self) -> None:
        """End all connections, those in use too."""
        self._client.close()

    def _translated(self, request: Request, call: Callable[[Request], T]) -> T:
        try:
            return call(request)
        except PyreqwestError as error:
            raise _translate(error, request, self._connection) from error

    def _send(self, request: Request) -> Answer:
        whole = timedelta(seconds=WHOLE_ANSWER * self._connection.timeouts.read)
        response = self._prepare(request).timeout(whole).build().send()
        return _read_head(request, response)._replace(body=response.bytes().to_bytes())

    def _fetch(self, request: Request, *, sink: Sink) -> Answer:
        prepared = self._prepare(request).header("Accept-Encoding", "identity")
        with prepared.build_streamed() as response:
            answer = _read_head(request, response)
            if not answer.is_success:
                return answer._replace(body=_read_refusal(response))
            while chunk := response.body_reader.read_chunk():
                sink.write(memoryview(chunk))
            return answer

    def _prepare(self, request: Request) -> SyncRequestBuilder:
        builder = self._client.request(request.method, request.url)
        credentials = self._connection.credentials
        if credentials is not None:
            proof = credentials.authorization
            builder = builder.header("Authorization", proof, is_sensitive=True)
        if request.body is not None:
            builder = builder.header("Content-Type", "application/json").body_bytes(request.body)
        return builder


def open_exchange(connection: Connection) -> Exchange:
    """Return a way to send requests that works in this process.

    `pyreqwest` cannot be used in a process that was forked after its first use.
    """
    try:
        return Transport(connection)
    except RuntimeError as error:
        if "fork" not in str(error):
            raise TransportError(f"the HTTP client cannot start: {error}") from error
        from penstock.rest._forked_transport import (  # noqa: PLC0415 - few processes need it
            ForkedTransport,
        )

        return ForkedTransport(connection)


def _build_client(connection: Connection) -> SyncClient:
    builder = (
        SyncClientBuilder()
        .user_agent(f"penstock/{__version__}")
        .follow_redirects(enable=False)
        .referer(enable=False)
        .connect_timeout(timedelta(seconds=connection.timeouts.connect))
        .read_timeout(timedelta(seconds=connection.timeouts.read))
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        .danger_accept_invalid_certs(enable=not connection.trust.is_verified)
    )
    if connection.trust.bundle is not None:
        builder = builder.add_root_certificate_pem(read_pem(connection.trust.bundle))
    if connection.trust.client_certificate is not None:
        builder = builder.identity_pem(read_pem(connection.trust.client_certificate))
    return builder.build()


def _read_head(request: Request, response: SyncResponse) -> Answer:
    return Answer(
        method=request.method,
        path=request.path,
        status=response.status,
        content_type=response.get_header("content-type") or "",
        location=response.get_header("location") or "",
        retry_after=response.get_header("retry-after"),
    )


def _read_refusal(response: SyncResponse) -> bytes:
    body = response.body_reader.read(LONGEST_REFUSAL)
    return b"" if body is None else body.to_bytes()


def _translate(error: PyreqwestError, request: Request, connection: Connection) -> TransportError:
    details = getattr(error, "details", None) or {}
    causes = [cause["message"] for cause in details.get("causes") or ()]
    reason = causes[-1] if causes else error.message
    if isinstance(error, RequestTimeoutError):
        late = _failures.connect_timeout if CONNECT_PHASE in causes else _failures.read_timeout
        return late(request, connection)
    if CONNECT_PHASE in causes:
        is_tls = any(mark in reason for mark in TLS_REASONS)
        failed = _failures.untrusted if is_tls else _failures.unreachable
        return failed(request, connection, reason)
    if isinstance(error, NetworkError) or _is_cut_short(error, reason):
        return _failures.incomplete(request, reason)
    if isinstance(error, DecodeError):
        return _failures.unintelligible(request, connection, reason)
    if isinstance(error, ClientClosedError):
        return _failures.closed(request)
    return _failures.broken(request, reason)


def _is_cut_short(error: PyreqwestError, reason: str) -> bool:
    return isinstance(error, BodyDecodeError) and ("end of file" in reason or "closed" in reason)
