"""Clients whose requests a test sees, counts, and cuts off."""

from collections.abc import Callable
from dataclasses import dataclass

from penstock import MlflowClient
from penstock.rest._channel import Channel
from penstock.rest._sink import Sink
from penstock.rest.exchange import Answer, Exchange, Request, open_exchange

WRITES = ("POST", "PATCH", "PUT", "DELETE")
SEARCH = "/search"

Watcher = Callable[[Request], None]


def nothing(request: Request) -> None:
    """Let a request pass."""


@dataclass
class WatchedExchange:
    """Tells of each request before it is sent, and when it is answered."""

    inner: Exchange
    before: Watcher
    after: Watcher

    def send(self, request: Request) -> Answer:
        self.before(request)
        answer = self.inner.send(request)
        self.after(request)
        return answer

    def fetch(self, request: Request, open_sink: Callable[[Answer], Sink]) -> Answer:
        self.before(request)
        answer = self.inner.fetch(request, open_sink)
        self.after(request)
        return answer

    def close(self) -> None:
        self.inner.close()


def watch(client: MlflowClient, *, before: Watcher = nothing, after: Watcher = nothing) -> None:
    """Let a client that has not spoken yet tell of its requests."""
    for api in {client._tracking, client._registry}:
        api._channel = Channel(
            api.connection,
            opener=lambda connection: WatchedExchange(open_exchange(connection), before, after),
        )


def is_write(request: Request) -> bool:
    return request.method in WRITES and not request.path.endswith(SEARCH)


def endpoint(request: Request) -> str:
    """Return the end of a path: `runs/log-batch`."""
    return "/".join(request.path.split("?")[0].split("/")[-2:])
