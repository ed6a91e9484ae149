import contextlib
import os
from pathlib import Path

from penstock.errors import SpoolError
from penstock.rest.spool.folder import SpoolFolder
from penstock.rest.spool.frame import HEAD


class AppendOnlyFile:
    """A locked file that grows by whole frames or not at all.

    It has one writer, which knows its size: what was written half, and failed, is cut off again.
    """

    def __init__(self, path: Path, descriptor: int, *, size: int) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor

    def append(self, frames: bytes) -> int:
        """Write at the end; return the place. Raises SpoolError, and then nothing was written."""
        place = self.size
        try:
            written = os.pwrite(self._descriptor, frames, place)
            while written < len(frames):
                written += os.pwrite(self._descriptor, frames[written:], place + written)
            self.size = place + written
        except BaseException as error:
            self.cut(place)
            if isinstance(error, OSError):
                raise unwritable(self.path, error) from error
            raise
        return place

    def copy_frame(self, place: int) -> bytes:
        """Return the bytes of the frame that stands at a place."""
        _, length, _ = HEAD.unpack(os.pread(self._descriptor, HEAD.size, place))
        return os.pread(self._descriptor, HEAD.size + length, place)

    def unlink(self) -> None:
        """Remove the file and end the lock."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.close()

    def close(self) -> None:
        """End the lock; the file stays."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def cut(self, size: int) -> None:
        """Drop what stands behind a place."""
        self.size = size
        # If even that fails, the next record is written over what is there.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, size)


def create_file(folder: SpoolFolder, suffix: str) -> AppendOnlyFile:
    """Make a new file in a spool. Raises SpoolError."""
    try:
        path, descriptor = folder.create(suffix)
    except OSError as error:
        raise unwritable(folder.path, error) from error
    return AppendOnlyFile(path, descriptor, size=0)


def unwritable(path: Path, error: OSError) -> SpoolError:
    """Return the error for a journal that the disk refuses."""
    return SpoolError(
        f"cannot write to the spool {path}: {error.strerror or error}; free space there, or "
        "choose another folder as spool="
    )
