from collections.abc import Callable, Iterator
from threading import Event
from types import TracebackType
from typing import NamedTuple, Self

from penstock.rest._content import Content
from penstock.rest._sink import Stopped


class Watch(NamedTuple):
    """Tells transfers when to stop, and is told how far they are, in bytes.

    They stop when its block ends.
    """

    stopped: Event
    advance: Callable[[int], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopped.set()


class WatchedContent:
    """Content whose way is watched; reading it raises Stopped when nobody waits any more."""

    def __init__(self, content: Content, watch: Watch) -> None:
        self._content = content
        self._watch = watch
        self._sent = 0

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return self._content.size

    def chunks(self) -> Iterator[bytes]:
        """Yield it piece by piece, from its beginning each time."""
        self._watch.advance(-self._sent)
        self._sent = 0
        for chunk in self._content.chunks():
            if self._watch.stopped.is_set():
                raise Stopped
            self._watch.advance(len(chunk))
            self._sent += len(chunk)
            yield chunk

    def part(self, start: int, size: int) -> "WatchedContent":
        """Return a part of it; the last one may be shorter than asked for."""
        return WatchedContent(self._content.part(start, size), self._watch)
