from typing import Protocol

from penstock.rest._content import Content
from penstock.rest._sink import Sink
from penstock.rest.entities import FileInfo


class ArtifactRoot(Protocol):
    """A folder of artifacts. Paths count from it, and are safe ones."""

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""

    def fetch(self, path: str, sink: Sink, *, size: int | None) -> None:
        """Write the content of one file to a sink; `size` in bytes is None if not known."""

    def store(self, path: str, content: Content) -> None:
        """Make content the one of a file."""

    def check_name(self, path: str) -> None:
        """Raise UnsafePath where this path would not name what is asked for."""
