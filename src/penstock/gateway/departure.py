"""The end of a request whose caller has left."""

import asyncio
from collections.abc import Mapping
from types import TracebackType

EXTENSION = "penstock"
"""The ASGI extension under which the server hands a request's departure to the application."""


class Departure:
    """Ends the block that it is entered for as soon as the caller has left, without an error.

    The server knows at once when a connection ends. To ask by `receive` would take parts of a
    body that somebody else is reading. A loop over what is always there looks at `happened`, too:
    the HTTP library may lose a cancellation when it has something to return.
    """

    def __init__(self) -> None:
        self.happened = False
        self._end: asyncio.Timeout | None = None

    def happen(self) -> None:
        """Say that the caller has left."""
        if self._end is not None and not self.happened:
            self._end.reschedule(0)
        self.happened = True

    async def __aenter__(self) -> None:
        self._end = await asyncio.timeout(0 if self.happened else None).__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        end, self._end = self._end, None
        if end is None:
            return False
        try:
            await end.__aexit__(kind, error, traceback)
        except TimeoutError:
            return True
        return False


def extension_with(departure: Departure) -> dict[str, dict[object, object]]:
    """Return the extensions of a scope that hold a departure."""
    return {EXTENSION: {Departure: departure}}


def find_departure(scope: Mapping[str, object]) -> Departure:
    """Return the departure of a request; from another server, one that never happens."""
    extensions = scope.get("extensions")
    extension = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    departure = extension.get(Departure) if isinstance(extension, dict) else None
    return departure if isinstance(departure, Departure) else Departure()
