"""SQLite goes on with a file that has been removed or replaced; nothing of that would be kept."""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

_IDENTITY: Final = "penstock_file"


def watch_file(engine: Engine, file: Path) -> None:
    """Let the engine use the file that has the name now, and make none where there is none.

    A kept connection to another one, which a backup has replaced or somebody has removed, is
    closed when it would be used next.
    """

    def refuse_to_make(*_arguments: object) -> None:
        if not file.exists():
            raise sqlite3.OperationalError(f"there is no file {file} any more")

    def know(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_IDENTITY] = _identity(file)

    def check(_connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if entry.info.get(_IDENTITY) != _identity(file):
            raise DisconnectionError(f"{file} is another file than before")

    event.listen(engine, "do_connect", refuse_to_make)
    event.listen(engine, "connect", know)
    event.listen(engine, "checkout", check)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
