"""One instance for each class."""

import threading
from typing import Any, ClassVar


class SingletonMeta(type):
    """A class of this kind has one instance, also when several threads make the first one."""

    _instances: ClassVar[dict[type, Any]] = {}
    _lock: ClassVar[threading.RLock] = threading.RLock()

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - of whatever class
        """Return the instance; the arguments of the first call make it."""
        if cls not in SingletonMeta._instances:
            with SingletonMeta._lock:
                if cls not in SingletonMeta._instances:
                    SingletonMeta._instances[cls] = super().__call__(*args, **kwargs)
        return SingletonMeta._instances[cls]

    @staticmethod
    def reset() -> None:
        """Forget all instances, closing those that can be closed: for tests."""
        with SingletonMeta._lock:
            instances = list(SingletonMeta._instances.values())
            SingletonMeta._instances.clear()
        for instance in instances:
            close = getattr(instance, "close", None)
            if close is not None:
                close()
