"""The client that all classes of the agent share."""

from __future__ import annotations

import threading

from penstock.agent.configuration import MLFlowConfiguration
from penstock.agent.singleton_meta import SingletonMeta
from penstock.rest import MlflowClient


class SharedClient(metaclass=SingletonMeta):
    """One client for each address: whoever changes the address is followed at the next call."""

    def __init__(self) -> None:
        self._clients: dict[str, MlflowClient] = {}
        self._lock = threading.Lock()

    def get(self) -> MlflowClient:
        """Return the client of the address that counts now, made with the first call.

        Raises ConfigurationError, naming the setting, where no address is set.
        """
        uri = MLFlowConfiguration.mlflow_connect_tracking_server_uri
        with self._lock:
            if uri not in self._clients:
                self._clients[uri] = MlflowClient(uri)
            return self._clients[uri]

    def close(self) -> None:
        """Close all clients; the next call makes a new one."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()
