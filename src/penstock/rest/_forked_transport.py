import http.client
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from penstock import __version__
from penstock.errors import TransportError
from penstock.rest import _failures
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._credentials import Credentials
from penstock.rest._request import Request
from penstock.rest._sink import Sink
from penstock.rest._trust import read_pem

T = TypeVar("T")

IDLE_SECONDS = 4
CHUNK = 1 << 18


class ForkedTransport:
    """Sends requests by the standard library, in processes where `pyreqwest` cannot work.

    These are the children of a fork whose parent had used it. Answers are asked for unpacked.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._server = urlsplit(connection.base_url)
        self._proxy = _find_proxy(self._server)
        self._idle: list[_Idle] = []
        self._is_closed = False

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        return self._translated(request, lambda head, response: head._replace(body=response.read()))

    def fetch(self, request: Request, sink: Sink) -> Answer:
        """Send a request and write the body of a successful answer to a sink."""

        def write(head: Answer, response: http.client.HTTPResponse) -> Answer:
            if not head.is_success:
                return head._replace(body=response.read())
            while chunk := response.read(CHUNK):
                sink.write(chunk)
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return head

        return self._translated(request, write)

    def close(self) -> None:
        """End all connections that are not in use; those in use end with their request."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().link.close()

    def _translated(
        self, request: Request, read: Callable[[Answer, http.client.HTTPResponse], Answer]
    ) -> Answer:
        if self._is_closed:
            raise _failures.closed(request)
        link = self._take(request)
        try:
            answer = self._exchange(link, request, read)
        except (OSError, http.client.HTTPException) as error:
            link.close()
            raise _translate(error, request, self._connection) from error
        except BaseException:
            link.close()
            raise
        self._give_back(link)
        return answer

    def _exchange(
        self,
        link: http.client.HTTPConnection,
        request: Request,
        read: Callable[[Answer, http.client.HTTPResponse], Answer],
    ) -> Answer:
        link.request(request.method, self._target(request), request.body, self._headers(request))
        response = link.getresponse()
        head = Answer(
            method=request.method,
            path=request.path,
            status=response.status,
            content_type=response.getheader("content-type", ""),
            location=response.getheader("location", ""),
            retry_after=response.getheader("retry-after"),
        )
        return read(head, response)

    def _target(self, request: Request) -> str:
        if self._proxy is not None and self._server.scheme == "http":
            return request.url
        return "/" + request.url.split("/", 3)[3]

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"User-Agent": f"penstock/{__version__}", "Accept-Encoding": "identity"}
        if self._connection.credentials is not None:
            headers["Authorization"] = self._connection.credentials.authorization
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        if self._proxy is not None and self._server.scheme == "http":
            headers.update(_proxy_headers(self._proxy))
        return headers

    def _take(self, request: Request) -> http.client.HTTPConnection:
        while self._idle:
            idle = self._idle.pop()
            if time.monotonic() - idle.since < IDLE_SECONDS:
                return idle.link
            idle.link.close()
        return self._connect(request)

    def _give_back(self, link: http.client.HTTPConnection) -> None:
        if link.sock is not None and not self._is_closed:
            self._idle.append(_Idle(link, time.monotonic()))

    def _connect(self, request: Request) -> http.client.HTTPConnection:
        link = self._make_link()
        try:
            link.connect()
        except ssl.SSLError as error:
            raise _failures.untrusted(request, self._connection, str(error)) from error
        except TimeoutError as error:
            raise _failures.connect_timeout(request, self._connection) from error
        except OSError as error:
            raise _failures.unreachable(request, self._connection, str(error)) from error
        link.sock.settimeout(self._connection.timeouts.read)
        link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def _make_link(self) -> http.client.HTTPConnection:
        first = self._proxy or self._server
        host, port = first.hostname or "", first.port
        seconds = self._connection.timeouts.connect
        if self._server.scheme == "http":
            return http.client.HTTPConnection(host, port or 80, timeout=seconds)
        context = _trust_context(self._connection)
        link = http.client.HTTPSConnection(host, port or 443, timeout=seconds, context=context)
        if self._proxy is not None:
            target = self._server.hostname or ""
            link.set_tunnel(target, self._server.port or 443, _proxy_headers(self._proxy))
        return link


class _Idle(NamedTuple):
    link: http.client.HTTPConnection
    since: float


def _find_proxy(server: SplitResult) -> SplitResult | None:
    proxies = getproxies()
    found = proxies.get(server.scheme) or proxies.get("all")
    if not found or proxy_bypass(server.netloc):
        return None
    return urlsplit(found if "://" in found else f"http://{found}")


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    login = Credentials.from_password(unquote(proxy.username), unquote(proxy.password or ""))
    return {"Proxy-Authorization": login.authorization}


def _trust_context(connection: Connection) -> ssl.SSLContext:
    context = ssl.create_default_context()
    trust = connection.trust
    if not trust.is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if trust.bundle is not None:
        context.load_verify_locations(cadata=read_pem(trust.bundle).decode())
    if trust.client_certificate is not None:
        context.load_cert_chain(trust.client_certificate)
    return context


def _translate(error: Exception, request: Request, connection: Connection) -> TransportError:
    if isinstance(error, TimeoutError):
        return _failures.read_timeout(request, connection)
    if isinstance(error, http.client.IncompleteRead):
        return _failures.incomplete(request, "end of file before message length reached")
    if isinstance(error, http.client.HTTPException) and not isinstance(error, OSError):
        return _failures.unintelligible(request, connection, type(error).__name__)
    return _failures.incomplete(request, str(error))
