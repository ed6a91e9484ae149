"""Small servers on loopback that answer as a test says, above all badly."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

JSON = "application/json"
TLS_HANDSHAKE = b"\x16"


class Then(Enum):
    """What happens to the connection after an answer."""

    KEEP = "it waits for the next request"
    CLOSE = "it is closed"
    HANG = "it stays open, and nothing comes any more"
    DRIP = "a byte comes now and then, for ever"


class Reply(NamedTuple):
    """The bytes of an answer, as they are."""

    data: bytes
    then: Then = Then.KEEP


class Received(NamedTuple):
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def reply(
    body: bytes | str = b"{}",
    *,
    status: int = 200,
    kind: str = JSON,
    then: Then = Then.KEEP,
    **headers: str,
) -> Reply:
    """Return a well-formed answer; underscores in names of headers mean dashes."""
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Status",
        f"Content-Length: {len(content)}",
        f"Content-Type: {kind}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return Reply("\r\n".join(lines).encode() + b"\r\n\r\n" + content, then)


@dataclass
class Loopback:
    """Answers each request with the next of its replies; the last one stays."""

    listener: socket.socket
    replies: list[Reply]
    received: list[Received] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            if stream.peek(1)[:1] == TLS_HANDSHAKE:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                return
            while (request := read_request(stream)) is not None:
                with self.lock:
                    self.received.append(request)
                    answer = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                connection.sendall(answer.data)
                if answer.then is Then.CLOSE:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                if answer.then is Then.HANG:
                    self.stopped.wait()
                    return
                while answer.then is Then.DRIP and not self.stopped.wait(0.1):
                    connection.sendall(b" ")

    def stop(self) -> None:
        self.stopped.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for open_socket in (self.listener, *self.connections):
            open_socket.close()


def read_request(stream) -> Received | None:
    head = []
    while (line := stream.readline()) not in {b"\r\n", b""}:
        head.append(line.decode("latin-1").strip())
    if not head:
        return None
    method, target, _ = head[0].split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:])
    }
    return Received(method, target, headers, stream.read(int(headers.get("content-length", 0))))


@contextmanager
def answering(*replies: Reply, context=None) -> Iterator[Loopback]:
    """Run a server with these replies; with a TLS context it speaks TLS."""
    listener = socket.create_server(("127.0.0.1", 0))
    if context is not None:
        listener = context.wrap_socket(listener, server_side=True)
    server = Loopback(listener, list(replies))
    thread = threading.Thread(target=server.accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(30)
