from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from penstock.errors import PenstockError

if TYPE_CHECKING:
    from collections.abc import Callable


class Desk(Protocol):
    """Where items are sent from, and can be waited for."""

    def wait_for(self, operation: RunOperations) -> None:
        """Return when all items of an operation are settled. Raises Unsent when that takes long."""


class RunOperations:
    """What becomes of something that was logged with `synchronous=False`."""

    __slots__ = ("__weakref__", "_desk", "_error", "_left")

    def __init__(
        self, error: PenstockError | None = None, *, desk: Desk | None = None, items: int = 0
    ) -> None:
        self._error = error
        self._desk = desk
        self._left = items

    @property
    def is_settled(self) -> bool:
        """Tell whether it is known what became of it: the server has it, or refused it."""
        return self._left <= 0

    def wait(self) -> None:
        """Return when the server has it; raise what it, or some of it, was refused with.

        Raises Unsent when the server takes nothing for the client's `flush_timeout`: it is then
        still to be sent, and can be waited for again.
        """
        if self._left > 0 and self._desk is not None:
            self._desk.wait_for(self)
        if self._error is not None:
            # Without the traceback of the last time: it would grow with every wait.
            raise self._error.with_traceback(None)

    def settle(self, error: PenstockError | None = None) -> None:
        """Note what became of one of its items."""
        if self._error is None:
            self._error = error
        self._left -= 1
        if self._left <= 0:
            self._desk = None


def finish(write: Callable[[], object]) -> RunOperations:
    """Write, and return the operation with the outcome."""
    try:
        write()
    except PenstockError as error:
        return RunOperations(error)
    return RunOperations()
