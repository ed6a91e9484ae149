"""The file that a supervised program writes to."""

import os
from pathlib import Path
from typing import BinaryIO, Final

from penstock.errors import SupervisionError

KEPT_BYTES: Final = 10 * 1024 * 1024
READ_BYTES: Final = 64 * 1024
SHOWN_LINES: Final = 15


def open_log(path: Path) -> BinaryIO:
    """Open a log to append to; a long one is put aside as `….1` first. Raises SupervisionError."""
    try:
        if path.exists() and path.stat().st_size > KEPT_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stream = os.fdopen(descriptor, "ab")
    except OSError as error:
        raise SupervisionError(f"cannot write {path}: {error.strerror}") from error
    stream.seek(0, os.SEEK_END)
    return stream


def last_lines(path: Path, *, since: int = 0, count: int = SHOWN_LINES) -> list[str]:
    """Return the last lines of a log, of those behind a position; none where there is no log."""
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(since if since <= end else 0, end - READ_BYTES))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]
