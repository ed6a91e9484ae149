"""The client of the settings, for callers who bring none and come back."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from penstock.rest._connection import Connections, resolve_connections
from penstock.rest.client import MlflowClient

MOST_CLIENTS: Final = 4
"""Of the last settings; older ones go, with what was loaded by them."""


class SettingsClient(MlflowClient):
    """A client of settings that have been read."""

    def __init__(self, settings: Connections) -> None:
        self._use(settings)


_clients: OrderedDict[Connections, MlflowClient] = OrderedDict()
_lock = Lock()


def default_client() -> MlflowClient:
    """Return the client of the present settings; the next call with the same ones has it too.

    It stays open: do not close it. Raises ConfigurationError.
    """
    settings = resolve_connections()
    with _lock:
        # A client that is dropped may be in use: its connections end when nobody has it.
        _clients[settings] = client = _clients.pop(settings, None) or SettingsClient(settings)
        while len(_clients) > MOST_CLIENTS:
            _clients.popitem(last=False)
    return client
