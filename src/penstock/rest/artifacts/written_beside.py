import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from penstock.errors import LocalFileError


@contextmanager
def written_beside(target: Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of the target, in one step, when the block ends well.

    Until then it has no name, where the file system can do that, so that not even `kill -9`
    leaves anything behind. Raises LocalFileError when the disk refuses.
    """
    place = os.fspath(target)
    folder = os.path.dirname(place)  # noqa: PTH120 - as text, for there may be very many files
    temporary = f"{folder}/.{os.urandom(8).hex()}.part"
    try:
        number = _open_nameless(folder)
        if number is None:
            yield from _write_named(temporary, place)
        else:
            yield from _write_nameless(number, temporary, place)
    except OSError as error:
        raise LocalFileError(f"cannot write {target}: {error.strerror or error}") from error


def _write_named(temporary: str, place: str) -> Iterator[BinaryIO]:
    with _removed_after_failure(temporary):
        with open(temporary, "xb") as file:  # noqa: PTH123 - as text, as above
            yield file
        os.replace(temporary, place)  # noqa: PTH105 - as above


def _write_nameless(number: int, temporary: str, place: str) -> Iterator[BinaryIO]:
    with os.fdopen(number, "wb") as file:
        yield file
        file.flush()
        try:
            _name(number, place)
        except FileExistsError:
            with _removed_after_failure(temporary):
                _name(number, temporary)
                os.replace(temporary, place)  # noqa: PTH105 - as above


@contextmanager
def _removed_after_failure(path: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - as above
        raise


def _open_nameless(folder: str) -> int | None:
    """Open a file without a name; None where the system or the file system has none."""
    if not _has_nameless():
        return None
    with suppress(OSError):
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o666)
    return None


@cache
def _has_nameless() -> bool:
    return hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir()


def _name(number: int, place: str) -> None:
    # Only with a descriptor, which counts for nothing here, does Python ask for the call that
    # follows the link in /proc.
    os.link(f"/proc/self/fd/{number}", place, src_dir_fd=number)
