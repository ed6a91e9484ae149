from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import PenstockError

if TYPE_CHECKING:
    from collections.abc import Callable


class RunOperations:
    """What became of something that was logged with `synchronous=False`."""

    def __init__(self, error: PenstockError | None = None) -> None:
        self._error = error

    def wait(self) -> None:
        """Return when the server has it; raise what it was refused with."""
        if self._error is not None:
            raise self._error


def finish(write: Callable[[], object]) -> RunOperations:
    """Write, and return the operation with the outcome."""
    try:
        write()
    except PenstockError as error:
        return RunOperations(error)
    return RunOperations()
