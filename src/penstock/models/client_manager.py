"""The manager of models that goes with a client."""

from threading import Lock
from typing import Any, Final

from penstock.models.manager import ModelManager
from penstock.rest import MlflowClient

_ATTRIBUTE: Final = "_kept_manager"
_making = Lock()


class _Kept:
    """Holds a client's manager; a client that is sent to another process leaves it behind."""

    def __init__(self, manager: ModelManager | None = None) -> None:
        self.manager = manager

    def __reduce__(self) -> tuple[type["_Kept"], tuple[Any, ...]]:
        return _Kept, ()


def manager_of(client: MlflowClient) -> ModelManager:
    """Return the manager of a client, made with the first call, and gone when the client is."""
    with _making:
        # Kept by the client itself: a manager leads back to its client, so that a table of
        # managers would keep each client, and all that it ever loaded, for ever.
        kept: _Kept | None = vars(client).get(_ATTRIBUTE)
        manager = None if kept is None else kept.manager
        if manager is None or manager.client is not client:  # a copy's is the original's
            manager = ModelManager(client=client)
            vars(client)[_ATTRIBUTE] = _Kept(manager)
        return manager
