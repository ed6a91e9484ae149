"""The manager of models that goes with a client."""

from threading import Lock
from typing import Final

from penstock.models.manager import ModelManager
from penstock.rest import MlflowClient

_ATTRIBUTE: Final = "_model_manager"
_making = Lock()


def manager_of(client: MlflowClient) -> ModelManager:
    """Return the manager of a client, made with the first call, and gone when the client is."""
    with _making:
        # Kept by the client itself: a manager leads back to its client, so that a table of
        # managers would keep each client, and all that it ever loaded, for ever.
        kept = vars(client)
        if _ATTRIBUTE not in kept:
            kept[_ATTRIBUTE] = ModelManager(client=client)
        manager: ModelManager = kept[_ATTRIBUTE]
        return manager
