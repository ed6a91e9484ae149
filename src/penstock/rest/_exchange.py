from collections.abc import Callable
from typing import Protocol

from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._content import Content
from penstock.rest._http_library import is_library_usable, load_http_library
from penstock.rest._request import Request
from penstock.rest._sink import Sink


class Exchange(Protocol):
    """A way to send requests to one server. Raises only PenstockError."""

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""

    def fetch(self, request: Request, open_sink: Callable[[Answer], Sink]) -> Answer:
        """Send a request and write the body of a successful answer to the sink for its head."""

    def upload(self, request: Request, content: Content) -> Answer:
        """Send a request whose body is read meanwhile, and read the whole answer."""

    def close(self) -> None:
        """End all connections."""


def open_exchange(connection: Connection) -> Exchange:
    """Return a way to send requests that works in this process."""
    if not is_library_usable():
        # The standard library's client, which few processes need.
        from penstock.rest._forked_transport import ForkedTransport  # noqa: PLC0415

        return ForkedTransport(connection)
    load_http_library()
    from penstock.rest._transport import Transport  # noqa: PLC0415 - loaded above

    return Transport(connection)
