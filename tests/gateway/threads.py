"""ASGI servers in threads of this process, on free ports of 127.0.0.1."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from servers import wait_until

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 20


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[Address]:
    """Serve an application until the block ends; its thread has ended then, too."""
    listener = socket.create_server((HOST, 0), backlog=256)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), START_SECONDS)
        assert server.started, "the server did not start; its log says why"
        yield Address(*listener.getsockname())
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"
