"""The client of a server whose own clients do not speak to it themselves."""

from penstock.rest._address import parse_address
from penstock.rest._connection import Connection, Connections, Timeouts
from penstock.rest.client import MlflowClient


class BackendClient(MlflowClient):
    """A client that is what its arguments say: it reads no settings, and uses no proxy.

    A service makes it, whose environment may hold the login or the proxy of something else. Calls
    are never repeated: one that finds nobody there would hide that the first was sent.
    """

    def __init__(self, url: str, *, connect_seconds: float, seconds: float) -> None:
        address = parse_address(url, "url")
        connection = Connection(
            address.base_url,
            address.credentials,
            timeouts=Timeouts(connect_seconds, seconds),
            retries=0,
            uses_proxies=False,
        )
        self._use(Connections(connection, connection))
