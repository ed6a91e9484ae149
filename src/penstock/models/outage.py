import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from penstock.errors import MlflowException, PenstockError, TransportError

SECONDS: Final = 10.0
"""How long a server that did not answer is not asked again, where something stands in for it."""
_NOBODY_BEHIND: Final = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


class Outage:
    """Remembers for some seconds that a server is away, so that not every load waits for it."""

    def __init__(
        self, seconds: float = SECONDS, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: tuple[float, PenstockError] | None = None

    def find_fresh(self) -> PenstockError | None:
        """Return what was raised when the server did not answer lately, or None."""
        last = self._last
        if last is None or self._clock() - last[0] >= self._seconds:
            return None
        # Without the traceback of the last time: it would grow with every load.
        return last[1].with_traceback(None)

    def note(self, error: PenstockError) -> None:
        """Remember what somebody else found out."""
        self._last = (self._clock(), error)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Remember it when the server does not answer in the block, and forget it when it does."""
        try:
            yield
        except PenstockError as error:
            if is_absence(error):
                self.note(error)
            else:
                self._last = None
            raise
        self._last = None


def is_absence(error: PenstockError) -> bool:
    """Tell whether an error means that nobody answered, or nobody behind who did."""
    if isinstance(error, TransportError):
        return True
    if not isinstance(error, MlflowException):
        return False
    return error.get_http_status_code() in _NOBODY_BEHIND
