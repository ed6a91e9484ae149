import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from penstock.errors import LocalFileError

CHUNK = 1 << 20


class Content(Protocol):
    """What is uploaded. It can be read several times, from its beginning each time."""

    @property
    def size(self) -> int:
        """Return the number of bytes."""

    def chunks(self) -> Iterator[bytes]:
        """Yield it piece by piece; raise LocalFileError when it is not what it was."""

    def part(self, start: int, size: int) -> "Content":
        """Return a part of it; the last one may be shorter than asked for."""


class BytesContent(NamedTuple):
    """Content that is in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        """Yield it in one piece."""
        yield self.data

    def part(self, start: int, size: int) -> "BytesContent":
        """Return a part of it; the last one may be shorter than asked for."""
        return BytesContent(self.data[start : start + size])


class FileContent(NamedTuple):
    """A file, or a part of one, as it was when it was looked at.

    Reading raises LocalFileError when the file has changed since, or changes meanwhile.
    """

    path: Path
    seal: "Seal"
    start: int
    size: int

    def chunks(self) -> Iterator[bytes]:
        """Yield it in pieces of a mebibyte."""
        with self.opened() as file:
            file.seek(self.start)
            left = self.size
            while left:
                chunk = _read(file, self.path, min(CHUNK, left))
                left -= len(chunk)
                if not left:
                    # While the last piece is held back nobody can take the rest for the whole.
                    self._check(file)
                yield chunk

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file; it must be the same one, unchanged, before and after."""
        with _open(self.path) as file:
            self._check(file)
            yield file
            self._check(file)

    def part(self, start: int, size: int) -> "FileContent":
        """Return a part of the file; the last one may be shorter than asked for."""
        return self._replace(start=start, size=min(size, self.size - start))

    def _check(self, file: BinaryIO) -> None:
        if _seal(os.fstat(file.fileno())) != self.seal:
            raise _changed(self.path)


class Seal(NamedTuple):
    """What tells a file from another one, and from itself at another time."""

    device: int
    inode: int
    size: int
    changed: int


def file_content(path: Path) -> FileContent:
    """Look at a file, links not followed. Raises LocalFileError when it is none."""
    try:
        found = path.lstat()
    except OSError as error:
        raise LocalFileError(f"cannot read {path}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise _no_file(path)
    return FileContent(path, _seal(found), 0, found.st_size)


def read_whole(content: Content) -> bytes:
    """Return small content in one piece."""
    return b"".join(content.chunks())


def _open(path: Path) -> BinaryIO:
    try:
        # Whoever puts a pipe in the place of the file must not make anybody wait.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise LocalFileError(f"cannot read {path}: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise _no_file(path)
    return os.fdopen(number, "rb", buffering=0)


def _read(file: BinaryIO, path: Path, size: int) -> bytes:
    try:
        chunk = file.read(size)
    except OSError as error:
        raise LocalFileError(f"cannot read {path}: {error.strerror}") from error
    if not chunk:
        raise _changed(path)
    return chunk


def _seal(found: os.stat_result) -> Seal:
    return Seal(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _no_file(path: Path) -> LocalFileError:
    return LocalFileError(f"cannot upload {path}: it is no file")


def _changed(path: Path) -> LocalFileError:
    return LocalFileError(
        f"{path} changed while it was being uploaded; upload it again when nothing writes to it"
    )
