import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

# With its errors, now: the library itself imports them when the first one happens, and aborts the
# process when a signal comes in between.
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import (
    ClientClosedError,
    DecodeError,
    NetworkError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.request import SyncRequestBuilder
from pyreqwest.response import SyncResponse

from penstock import __version__
from penstock.errors import ConfigurationError, TransportError
from penstock.rest import _failures
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._content import Content
from penstock.rest._courier import Courier
from penstock.rest._request import Request
from penstock.rest._sink import Sink
from penstock.rest._trust import read_pem

if TYPE_CHECKING:
    from penstock.rest._link_pool import LinkPool

T = TypeVar("T")

IDLE_SECONDS = 4
"""Shorter than the 5 s after which MLflow's server closes a connection: it must not be first."""
WHOLE_ANSWER = 5
"""A JSON answer may take this many read timeouts in all, however steadily it drips."""
LONGEST_REFUSAL = 1 << 16
READ_HEADERS = ("content-length", "content-range", "date", "etag", "last-modified")
CONNECT_PHASE, BODY_PHASE = "client error (Connect)", "error reading a body from connection"
TLS_REASONS = ("certificate", "corrupt message", "fatal alert", "peer is incompatible", "handshake")


class Transport:
    """Sends requests by `pyreqwest`: pooled connections, unpacking, the usual proxy variables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        try:
            self._client = _build_client(connection)
        except RuntimeError as error:
            raise TransportError(f"the HTTP client cannot start: {error}") from error
        except ValueError as error:
            raise ConfigurationError(
                f"the HTTP client cannot start ({error}); check verify= and "
                "MLFLOW_TRACKING_CLIENT_CERT_PATH, a file with a certificate and its key"
            ) from error
        self._courier = Courier()

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        return self._courier.run(partial(self._translated, request, self._send))

    def fetch(self, request: Request, open_sink: Callable[[Answer], Sink]) -> Answer:
        """Send a request and write the body of a successful answer to the sink for its head."""
        fetch = partial(self._fetch, open_sink=open_sink)
        return self._courier.run(partial(self._translated, request, fetch))

    def upload(self, request: Request, content: Content) -> Answer:
        """Send a request whose body is read meanwhile, and read the whole answer."""
        # `pyreqwest` counts the time until an answer begins from the first byte of the request,
        # so that what takes long to send would never be answered in time.
        from penstock.rest._streamed_upload import upload  # noqa: PLC0415 - loads `http.client`

        return upload(self._links, request, content)

    def close(self) -> None:
        """End all connections; those in use end too, or with their upload."""
        self._client.close()
        links: LinkPool | None = vars(self).get("_links")
        if links is not None:
            links.close()

    @cached_property
    def _links(self) -> "LinkPool":
        from penstock.rest._link_pool import LinkPool  # noqa: PLC0415 - loads `http.client`

        return LinkPool(self._connection)

    def _translated(self, request: Request, call: Callable[[Request], T]) -> T:
        try:
            return call(request)
        except PyreqwestError as error:
            raise _translate(error, request, self._connection) from error

    def _send(self, request: Request) -> Answer:
        whole = timedelta(seconds=WHOLE_ANSWER * self._connection.timeouts.read)
        response = self._prepare(request).timeout(whole).build().send()
        answer = _read_head(request, response)._replace(body=response.bytes().to_bytes())
        return answer._replace(headers=_headers(response)) if request.method == "PUT" else answer

    def _fetch(self, request: Request, *, open_sink: Callable[[Answer], Sink]) -> Answer:
        prepared = self._prepare(request).header("Accept-Encoding", "identity")
        # Without this limit a slow body would first fill a buffer, deaf to everything.
        with prepared.streamed_read_buffer_limit(0).build_streamed() as response:
            answer = _read_head(request, response)._replace(headers=_headers(response))
            if not answer.is_success:
                return answer._replace(body=_read_refusal(response))
            sink = open_sink(answer)
            while chunk := response.body_reader.read_chunk():
                sink.write(memoryview(chunk))
            return answer

    def _prepare(self, request: Request) -> SyncRequestBuilder:
        builder = self._client.request(request.method, request.url)
        credentials = self._connection.credentials
        if credentials is not None:
            proof = credentials.authorization
            builder = builder.header("Authorization", proof, is_sensitive=True)
        for name, value in request.headers:
            builder = builder.header(name, value)
        if request.body is None:
            return builder
        if request.content_type is not None:
            builder = builder.header("Content-Type", request.content_type)
        if not request.body:
            builder = builder.header("Content-Length", "0")
        return builder.body_bytes(request.body)


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
    if not connection.uses_proxies or _shuns_proxies(os.environ):
        builder = builder.no_proxy()
    if connection.trust.bundle is not None:
        builder = builder.add_root_certificate_pem(read_pem(connection.trust.bundle))
    if connection.trust.client_certificate is not None:
        builder = builder.identity_pem(read_pem(connection.trust.client_certificate))
    return builder.build()


def _shuns_proxies(environ: Mapping[str, str]) -> bool:
    """Tell whether no host at all has a proxy, in the one form that `pyreqwest` does not know."""
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return "*" in [host.strip() for host in excepted.split(",")]


def _read_head(request: Request, response: SyncResponse) -> Answer:
    return Answer(
        method=request.method,
        path=request.path,
        status=response.status,
        content_type=response.get_header("content-type") or "",
        location=response.get_header("location") or "",
        retry_after=response.get_header("retry-after"),
    )


def _headers(response: SyncResponse) -> dict[str, str]:
    # Only these: another one may hold what is no text, as the file names of older MLflow servers.
    found = ((name, response.get_header(name)) for name in READ_HEADERS)
    return {name: value for name, value in found if value is not None}


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
    if isinstance(error, NetworkError) or BODY_PHASE in causes:
        return _failures.incomplete(request, reason)
    if isinstance(error, DecodeError):
        return _failures.unintelligible(request, connection, reason)
    if isinstance(error, ClientClosedError):
        return _failures.closed(request)
    return _failures.broken(request, reason)
