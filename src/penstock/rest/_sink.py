from threading import Event
from typing import Protocol


class Sink(Protocol):
    """Where a downloaded body goes: a file, or something like it that can start again."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take the next part."""

    def tell(self) -> int:
        """Return where the next part goes."""

    def seek(self, offset: int, /) -> object:
        """Go back, or forth."""

    def truncate(self) -> object:
        """Drop what stands behind."""


class Stopped(Exception):
    """Nobody waits for a download any more."""


class StoppableSink:
    """Passes everything on to another sink until an event is set, then raises Stopped."""

    def __init__(self, sink: Sink, stopped: Event) -> None:
        self._sink = sink
        self._stopped = stopped

    def write(self, data: bytes | memoryview, /) -> object:
        """Take the next part, unless it is too late."""
        if self._stopped.is_set():
            raise Stopped
        return self._sink.write(data)

    def tell(self) -> int:
        """Return where the next part goes."""
        return self._sink.tell()

    def seek(self, offset: int, /) -> object:
        """Go back, or forth."""
        return self._sink.seek(offset)

    def truncate(self) -> object:
        """Drop what stands behind."""
        return self._sink.truncate()
