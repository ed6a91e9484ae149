import http.client
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from penstock import __version__
from penstock.errors import TransportError
from penstock.rest import _failures
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._forked_link import find_proxy, open_link, proxy_headers
from penstock.rest._request import Request

IDLE_SECONDS = 4


class LinkPool:
    """Connections to one server by the standard library, kept for the next request.

    Whatever goes wrong while one is lent becomes a TransportError.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._server = urlsplit(connection.base_url)
        self._proxy = find_proxy(self._server) if connection.uses_proxies else None
        self._idle: list[_Idle] = []
        self._is_closed = False
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def lend(self, request: Request) -> Iterator[http.client.HTTPConnection]:
        """Lend a connection for one request and its whole answer."""
        if self._is_closed:
            raise _failures.closed(request)
        link = self._take(request)
        try:
            yield link
        except (OSError, http.client.HTTPException) as error:
            link.close()
            raise _translate(error, request, self.connection) from error
        except BaseException:
            link.close()
            raise
        self._give_back(link)

    def send_head(
        self, link: http.client.HTTPConnection, request: Request, *, length: int | None
    ) -> None:
        """Send all of a request but its body, whose length is None if there is none."""
        link.putrequest(request.method, self._target(request), skip_accept_encoding=True)
        for name, value in self._headers(request, has_body=length is not None):
            link.putheader(name, value)
        if length is not None:
            link.putheader("Content-Length", str(length))
        link.endheaders()

    def close(self) -> None:
        """End all connections that are not in use; those in use end with their request."""
        self._is_closed = True
        _close_all(self._idle)

    def _target(self, request: Request) -> str:
        if self._passes_urls:
            return request.url
        return "/" + request.url.split("/", 3)[3]

    def _headers(self, request: Request, *, has_body: bool) -> Iterator[tuple[str, str]]:
        yield "User-Agent", f"penstock/{__version__}"
        yield "Accept-Encoding", "identity"
        if self.connection.credentials is not None:
            yield "Authorization", self.connection.credentials.authorization
        if has_body and request.content_type is not None:
            yield "Content-Type", request.content_type
        yield from request.headers
        if self._proxy is not None and self._passes_urls:
            yield from proxy_headers(self._proxy).items()

    @property
    def _passes_urls(self) -> bool:
        return self._proxy is not None and self._server.scheme == "http"

    def _take(self, request: Request) -> http.client.HTTPConnection:
        while (idle := _pop(self._idle)) is not None:
            if time.monotonic() - idle.since < IDLE_SECONDS:
                return idle.link
            idle.link.close()
        return open_link(request, self.connection, self._proxy)

    def _give_back(self, link: http.client.HTTPConnection) -> None:
        if link.sock is not None and not self._is_closed:
            self._idle.append(_Idle(link, time.monotonic()))


class _Idle(NamedTuple):
    link: http.client.HTTPConnection
    since: float


def _pop(idle: list[_Idle]) -> _Idle | None:
    try:
        return idle.pop()
    except IndexError:
        return None


def _close_all(idle: list[_Idle]) -> None:
    while (one := _pop(idle)) is not None:
        one.link.close()


def read_head(request: Request, response: http.client.HTTPResponse) -> Answer:
    """Return an answer without its body."""
    return Answer(
        method=request.method,
        path=request.path,
        status=response.status,
        content_type=response.getheader("content-type", ""),
        location=response.getheader("location", ""),
        retry_after=response.getheader("retry-after"),
        headers={name.lower(): value for name, value in response.getheaders()},
    )


def check_length(response: http.client.HTTPResponse) -> None:
    """Raise IncompleteRead when the connection ended before the body."""
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _translate(error: Exception, request: Request, connection: Connection) -> TransportError:
    if isinstance(error, TimeoutError):
        return _failures.read_timeout(request, connection)
    if isinstance(error, http.client.IncompleteRead):
        return _failures.incomplete(request, "end of file before message length reached")
    if isinstance(error, http.client.HTTPException) and not isinstance(error, OSError):
        return _failures.unintelligible(request, connection, type(error).__name__)
    return _failures.incomplete(request, str(error))
