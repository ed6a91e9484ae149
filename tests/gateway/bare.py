"""A server in MLflow's place that is nothing but sockets: it sees bytes and sends bytes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.recorder import OWN_QUESTIONS
from gateway.threads import HOST, Address
from gateway.wire import read_all, read_until
from servers import wait_until

SECONDS = 20
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

Conversation = Callable[[bytes, socket.socket], None]
"""What to do with one request, given its head and what followed it, and the connection."""


def answering(answer: bytes) -> Conversation:
    """Return a conversation that sends these bytes, and says that it then ends."""
    said = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    return lambda _head, connection: connection.sendall(said)


class Bare:
    """Hands each request to the conversation of the moment, then closes the connection."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.faults: list[Exception] = []
        self._threads: list[threading.Thread] = []
        self._connections: set[socket.socket] = set()
        self.reset()

    def reset(self) -> None:
        """Forget what came, and answer with nothing but a head again."""
        self.heads.clear()
        self.faults.clear()
        self.converse: Conversation = lambda _head, connection: connection.sendall(EMPTY)

    def one(self) -> bytes:
        """Wait until the one request has come, and return its head."""
        wait_until(lambda: self.heads, what="a request at the upstream")
        (head,) = self.heads
        return head

    def accept(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._connections.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Break off what is still open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive(), "a conversation does not end"

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(SECONDS)
            try:
                self._answer(connection)
            except (OSError, AssertionError) as fault:
                self.faults.append(fault)
            finally:
                self._connections.discard(connection)

    def _answer(self, connection: socket.socket) -> None:
        if not connection.recv(1, socket.MSG_PEEK):
            return
        head = read_until(connection, b"\r\n\r\n")
        if head.split(b" ")[1] in OWN_QUESTIONS:
            connection.sendall(NOT_FOUND)
            return
        self.heads.append(head)
        self.converse(head, connection)


class Silence:
    """A conversation that says a little or nothing, and then waits for the other side to leave."""

    def __init__(self, said: bytes = b"") -> None:
        self._said = said
        self.begun = threading.Event()
        self.ended = threading.Event()

    def __call__(self, _head: bytes, connection: socket.socket) -> None:
        connection.sendall(self._said)
        self.begun.set()
        read_all(connection)
        self.ended.set()


class Upload:
    """A conversation that tells what of an upload has come, and whether it was broken off."""

    def __init__(self) -> None:
        self.received = b""
        self.ended = threading.Event()

    def __call__(self, received: bytes, connection: socket.socket) -> None:
        self.received = received
        try:
            while chunk := connection.recv(65536):
                self.received += chunk
        except ConnectionResetError:
            pass
        self.ended.set()


@contextmanager
def bare_server(bare: Bare, port: int = 0) -> Iterator[Address]:
    """Serve until the block ends; with all its threads ended then."""
    listener = socket.create_server((HOST, port))
    acceptor = threading.Thread(target=bare.accept, args=(listener,))
    acceptor.start()
    try:
        yield Address(*listener.getsockname())
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(SECONDS)
        bare.end()
