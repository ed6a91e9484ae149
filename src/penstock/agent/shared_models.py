"""The loaded models that all classes of the agent share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from penstock.agent.singleton_meta import SingletonMeta
from penstock.models import ModelManager

if TYPE_CHECKING:
    from penstock.rest import MlflowClient


class SharedModels(metaclass=SingletonMeta):
    """One manager for each client, so that a model that is loaded is loaded once."""

    def __init__(self) -> None:
        self._managers: WeakKeyDictionary[MlflowClient, ModelManager] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, client: MlflowClient) -> ModelManager:
        """Return the manager of a client, made with the first call."""
        with self._lock:
            if client not in self._managers:
                self._managers[client] = ModelManager(client=client)
            return self._managers[client]
