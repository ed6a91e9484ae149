"""A way to a server that can be cut, at once or after some bytes, and mended again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 16 * 1024


class Forwarder:
    """Passes bytes on to a server, both ways, and counts the requests that it sees."""

    def __init__(self, url: str) -> None:
        self._target = (urlsplit(url).hostname, urlsplit(url).port)
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._left: int | None = None
        self.port = 0
        self.requests: list[str] = []
        self.mend()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Listen again, on the same port."""
        self._left = None
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """Refuse all connections, and end those that there are."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def fall_silent(self) -> None:
        """Take connections, and never answer."""
        self.cut()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=100)

    def cut_after(self, count: int) -> None:
        """Cut when so many bytes of answers have passed."""
        self._left = count

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._open += [near, far]
            for source, sink, is_answer in ((near, far, False), (far, near, True)):
                arguments = (source, sink, is_answer)
                threading.Thread(target=self._pass_on, args=arguments, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:  # noqa: FBT001 - a thread's argument
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if not is_answer:
                    self._note(data)
                elif self._is_over(len(data)):
                    self.cut()
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def _note(self, data: bytes) -> None:
        line = data.partition(b"\r\n")[0].decode("latin-1")
        if line.endswith("HTTP/1.1"):
            self.requests.append(line.removesuffix(" HTTP/1.1"))

    def _is_over(self, count: int) -> bool:
        if self._left is None:
            return False
        self._left -= count
        return self._left < 0


@contextmanager
def forwarding(url: str) -> Iterator[Forwarder]:
    """Pass on to a server until the block ends."""
    forwarder = Forwarder(url)
    try:
        yield forwarder
    finally:
        forwarder.cut()
