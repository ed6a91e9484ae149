"""SQLite: a file on this machine, for one gateway or several of them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from penstock.errors import ConfigurationError, DatabaseUnavailable
from penstock.gateway.db.backend import SETTING, WRITES, is_writing
from penstock.gateway.db.file_watch import watch_file

EXPECTED: Final = "use sqlite:///path/to/penstock.db"

BUSY_SECONDS = 10
"""How long a transaction waits for another process that writes."""


class Sqlite:
    """Writers lock the file at their start, and wait for each other there."""

    advice = (
        "check that its folder exists, is writable and has space, and that the file is a database"
    )

    def open(self, url: URL) -> Engine:
        """Return an engine; the folder and the file are made if they are missing."""
        file = _find_file(url)
        engine = _create(url)
        _make_file(file)
        watch_file(engine, file)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def migrating(self, engine: Engine) -> Iterator[Connection]:
        """Give a connection that writes, and to which a table that is dropped is one alone.

        Otherwise what refers to its rows would go with it, when a copy takes its place.
        """
        with engine.connect().execution_options(**WRITES) as connection:
            connection.connection.execute("PRAGMA foreign_keys = OFF")  # not in a transaction
            try:
                with connection.begin():
                    yield connection
                    _check_references(connection)
            finally:
                connection.invalidate()  # the next one has them on


def _check_references(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise DatabaseUnavailable(
            "rows of the gateway's database refer to others that are not there: restore a backup, "
            "or delete what `PRAGMA foreign_key_check` names, and start again"
        )


def sqlite_url(file: Path) -> str:
    """Return the database URL of a SQLite file, whatever characters its path holds."""
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def _create(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True)
    except (ArgumentError, ImportError) as error:
        reason = type(error).__name__
        raise ConfigurationError(f"{SETTING} cannot be used ({reason}); {EXPECTED}") from None


def _find_file(url: URL) -> Path:
    name = url.database or ":memory:"
    if name == ":memory:" or name.startswith("file:") or "mode" in url.query:
        raise ConfigurationError(
            f"{SETTING} must name a file; a database in memory would be gone with its "
            f"connection. {EXPECTED.capitalize()}"
        )
    return Path(name)


def _make_file(file: Path) -> None:
    """Make the database's folder, and its file for its owner alone; it will hold hashes."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the database's folder cannot be made: {error}; choose another with "
            f"PENSTOCK_DATA_DIR or {SETTING}"
        ) from error
    with suppress(OSError):  # there already, or SQLite will say what is wrong
        file.touch(mode=0o600, exist_ok=False)


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3 or its twin
    connection.isolation_level = None  # transactions are begun below, not by the driver
    busy = f"busy_timeout = {int(BUSY_SECONDS * 1000)}"
    for pragma in (busy, "journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another has
    # written meanwhile; one that locks at its start waits for its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")
