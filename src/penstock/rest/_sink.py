from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Protocol

from penstock.errors import LocalFileError


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


class DownloadSink:
    """Passes a body on to a file until an event is set, then raises Stopped.

    `advance` is told how many bytes came, or, below 0, have to come again.
    Raises LocalFileError, which names the target, when the disk refuses: an OSError on the way of
    a body could be the network's as well.
    """

    def __init__(
        self,
        file: Sink,
        target: Path,
        stopped: Event,
        advance: Callable[[int], object] = lambda _count: None,
    ) -> None:
        self._file = file
        self._target = target
        self._stopped = stopped
        self._advance = advance

    def write(self, data: bytes | memoryview, /) -> object:
        """Take the next part, unless it is too late."""
        if self._stopped.is_set():
            raise Stopped
        try:
            written = self._file.write(data)
        except OSError as error:
            raise LocalFileError(f"cannot write {self._target}: {error}") from error
        self._advance(len(data))
        return written

    def tell(self) -> int:
        """Return where the next part goes."""
        return self._file.tell()

    def seek(self, offset: int, /) -> object:
        """Go back, or forth."""
        self._advance(offset - self._file.tell())
        return self._file.seek(offset)

    def truncate(self) -> object:
        """Drop what stands behind."""
        return self._file.truncate()
