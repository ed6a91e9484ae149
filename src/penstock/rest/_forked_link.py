import http.client
import socket
import ssl
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from penstock.errors import ConfigurationError
from penstock.rest import _failures
from penstock.rest._connection import Connection
from penstock.rest._credentials import Credentials
from penstock.rest._request import Request
from penstock.rest._trust import read_pem


def open_link(
    request: Request, connection: Connection, proxy: SplitResult | None
) -> http.client.HTTPConnection:
    """Connect to the server, or to the proxy on the way to it, for a request."""
    link = _make_link(connection, proxy)
    try:
        link.connect()
    except ssl.SSLError as error:
        raise _failures.untrusted(request, connection, str(error)) from error
    except TimeoutError as error:
        raise _failures.connect_timeout(request, connection) from error
    except OSError as error:
        raise _failures.unreachable(request, connection, str(error)) from error
    link.sock.settimeout(connection.timeouts.read)
    link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def find_proxy(server: SplitResult) -> SplitResult | None:
    """Return the proxy that the usual variables name for a server, or None."""
    proxies = getproxies()
    found = proxies.get(server.scheme) or proxies.get("all")
    if not found or proxy_bypass(server.netloc):
        return None
    return urlsplit(found if "://" in found else f"http://{found}")


def proxy_headers(proxy: SplitResult) -> dict[str, str]:
    """Return the login at a proxy, if its URL holds one."""
    if proxy.username is None:
        return {}
    login = Credentials.from_password(unquote(proxy.username), unquote(proxy.password or ""))
    return {"Proxy-Authorization": login.authorization}


def _make_link(connection: Connection, proxy: SplitResult | None) -> http.client.HTTPConnection:
    server = urlsplit(connection.base_url)
    first = proxy or server
    host, port, seconds = first.hostname or "", first.port, connection.timeouts.connect
    if server.scheme == "http":
        return http.client.HTTPConnection(host, port or 80, timeout=seconds)
    context = _trust_context(connection)
    link = http.client.HTTPSConnection(host, port or 443, timeout=seconds, context=context)
    if proxy is not None:
        link.set_tunnel(server.hostname or "", server.port or 443, proxy_headers(proxy))
    return link


def _trust_context(connection: Connection) -> ssl.SSLContext:
    context = ssl.create_default_context()
    trust = connection.trust
    if not trust.is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if trust.bundle is not None:
            context.load_verify_locations(cadata=read_pem(trust.bundle).decode("ascii", "ignore"))
        if trust.client_certificate is not None:
            context.load_cert_chain(trust.client_certificate)
    except OSError as error:
        raise ConfigurationError(
            f"the certificates cannot be used ({error}); check verify= and "
            "MLFLOW_TRACKING_CLIENT_CERT_PATH, a file with a certificate and its key"
        ) from error
    return context
