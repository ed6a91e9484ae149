"""The errors for requests that got no whole answer, whichever way they were sent."""

from penstock.errors import (
    CertificateError,
    ConnectTimeout,
    IncompleteResponse,
    NotMlflow,
    RequestTimeout,
    ServerUnreachable,
    TransportError,
)
from penstock.rest._connection import Connection
from penstock.rest._request import Request


def unreachable(request: Request, connection: Connection, reason: str) -> ServerUnreachable:
    """Return the error for a place where nothing listens, or an unknown name."""
    return ServerUnreachable(
        f"{_call(request)}: no server answers at {_origin(connection)} ({reason}); check that it "
        "runs, and that MLFLOW_TRACKING_URI names its host and port"
    )


def untrusted(request: Request, connection: Connection, reason: str) -> CertificateError:
    """Return the error for a TLS handshake that failed."""
    return CertificateError(
        f"{_call(request)}: no trusted connection to {_origin(connection)} ({reason}); name the "
        "file of the server's authority in MLFLOW_TRACKING_SERVER_CERT_PATH or verify=, and check "
        "that the server speaks https"
    )


def connect_timeout(request: Request, connection: Connection) -> ConnectTimeout:
    """Return the error for a connection that did not come about in time."""
    return ConnectTimeout(
        f"{_call(request)}: no connection to {_origin(connection)} within "
        f"{connection.timeouts.connect:g} s; check host, port and firewall"
    )


def read_timeout(request: Request, connection: Connection) -> RequestTimeout:
    """Return the error for an answer that did not come, or not whole, in time."""
    return RequestTimeout(
        f"{_call(request)}: no whole answer from {_origin(connection)} in time "
        f"({connection.timeouts.read:g} s without a sign of it); the server may still do what was "
        "asked; raise timeout= or MLFLOW_HTTP_REQUEST_TIMEOUT if it needs longer"
    )


def incomplete(request: Request, reason: str) -> IncompleteResponse:
    """Return the error for a connection that broke before the answer was whole."""
    return IncompleteResponse(
        f"{_call(request)}: the answer was cut short ({reason}); the server or something between "
        "closed the connection: look into its log, and try again"
    )


def unintelligible(request: Request, connection: Connection, reason: str) -> NotMlflow:
    """Return the error for what does not speak HTTP, or a body that cannot be unpacked."""
    return NotMlflow(
        f"{_call(request)}: what answers at {_origin(connection)} is no HTTP server, or garbles "
        f"what it sends ({reason}); check MLFLOW_TRACKING_URI"
    )


def closed(request: Request) -> TransportError:
    """Return the error for a client that was closed meanwhile."""
    return TransportError(f"{_call(request)}: this client has been closed; make a new one")


def broken(request: Request, reason: str) -> TransportError:
    """Return the error for anything else that an HTTP library reports."""
    return TransportError(f"{_call(request)}: the request failed ({reason})")


def _call(request: Request) -> str:
    return f"{request.method} {request.path}"


def _origin(connection: Connection) -> str:
    return "/".join(connection.base_url.split("/", 3)[:3])
