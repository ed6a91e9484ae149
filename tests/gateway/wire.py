"""Clients that send exactly what they are told."""

import base64
import http.client
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gateway.threads import Address

SECONDS = 20


def basic(name: str, password: str) -> str:
    """Return the value of an `Authorization` header."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@dataclass(frozen=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        """Return the value of a header that must be there once."""
        (value,) = self.all(name)
        return value


class Caller:
    """Calls one server, each time over a new connection unless `kept_open`."""

    def __init__(self, address: Address, *, authorization: str | None = None) -> None:
        self.address = address
        self.authorization = authorization

    def call(
        self,
        method: str,
        target: str,
        body: bytes | Iterable[bytes] | None = None,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """Send a request and read the whole answer."""
        with self.kept_open() as connection:
            return self.send(connection, method, target, body, headers=headers)

    @contextmanager
    def kept_open(self) -> Iterator[http.client.HTTPConnection]:
        """Open a connection for several requests."""
        connection = http.client.HTTPConnection(
            self.address.host, self.address.port, timeout=SECONDS
        )
        try:
            yield connection
        finally:
            connection.close()

    def send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        body: bytes | Iterable[bytes] | None = None,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """Send a request over an open connection and read the whole answer."""
        self.begin(connection, method, target, body, headers=headers)
        with connection.getresponse() as response:
            return Answer(response.status, response.getheaders(), response.read())

    def begin(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        body: bytes | Iterable[bytes] | None = None,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send a request and leave the answer to be read."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        names = {name.lower() for name, _ in pairs}
        connection.putrequest(method, target, skip_accept_encoding=True)
        if self.authorization is not None and "authorization" not in names:
            connection.putheader("Authorization", self.authorization)
        for name, value in pairs:
            connection.putheader(name, value)
        chunked = body is not None and not isinstance(body, bytes)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body is not None and "content-length" not in names:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body, encode_chunked=chunked)


@contextmanager
def connected(address: Address) -> Iterator[socket.socket]:
    """Open a bare connection."""
    with socket.create_connection((address.host, address.port), timeout=SECONDS) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side ends."""
    received = b""
    while chunk := _receive(connection):
        received += chunk
    return received


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Read up to and with these bytes."""
    received = b""
    while end not in received:
        chunk = connection.recv(65536)
        assert chunk, f"ended early: {received[-500:]!r}"
        received += chunk
    return received


def exchange(address: Address, request: bytes) -> bytes:
    """Send bytes, and return all that comes until the other side ends the connection."""
    with connected(address) as connection:
        connection.sendall(request)
        return read_all(connection)


def status(answer: bytes) -> int:
    """Return the status of a raw answer."""
    return int(answer.split(b" ", 2)[1])


def head(
    method: str, target: bytes | str, *headers: tuple[str, Any], version: str = "HTTP/1.1"
) -> bytes:
    """Return the bytes of a request's head."""
    target = target.encode("ascii") if isinstance(target, str) else target
    lines = [f"{method} ".encode() + target + f" {version}".encode()]
    for name, value in headers:
        content = value if isinstance(value, bytes) else str(value).encode()
        lines.append(name.encode() + b": " + content)
    return b"\r\n".join([*lines, b"", b""])


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""
