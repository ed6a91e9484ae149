"""Connections to the gateway's database."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from penstock.errors import ConfigurationError, DatabaseUnavailable
from penstock.gateway.db.file_watch import watch_file

EXPECTED = "use sqlite:///path/to/penstock.db"

WRITES = {"penstock_writes": True}
"""Execution options of a transaction that writes: SQLite then locks at its start."""


BUSY_SECONDS = 10
"""How long a transaction waits for another process that writes."""


def open_engine(database_url: str) -> Engine:
    """Return an engine for a database URL; SQLite's folder and file are made if they are missing.

    Raises ConfigurationError for a URL that cannot be used.
    """
    url = _parse(database_url)
    if url.get_backend_name() != "sqlite":
        raise ConfigurationError(
            f"PENSTOCK_DATABASE_URL: '{url.get_backend_name()}' is not supported; {EXPECTED}"
        )
    file = _sqlite_file(url)
    engine = _create(url)
    _make_file(file)
    watch_file(engine, file)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_url(file: Path) -> str:
    """Return the database URL of a SQLite file, whatever characters its path holds."""
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def check_connection(engine: Engine) -> None:
    """Ask the database one trivial question. Raises DatabaseUnavailable."""
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError as error:
        raise DatabaseUnavailable("the gateway's database does not answer") from error


def _parse(database_url: str) -> URL:
    try:
        return make_url(database_url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"PENSTOCK_DATABASE_URL is no database URL; {EXPECTED}") from None


def _create(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True)
    except (ArgumentError, ImportError) as error:
        reason = type(error).__name__
        raise ConfigurationError(
            f"PENSTOCK_DATABASE_URL cannot be used ({reason}); {EXPECTED}"
        ) from None


def _sqlite_file(url: URL) -> Path:
    name = url.database or ":memory:"
    if name == ":memory:" or name.startswith("file:") or "mode" in url.query:
        raise ConfigurationError(
            "PENSTOCK_DATABASE_URL must name a file; a database in memory would be gone with its "
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
            "PENSTOCK_DATA_DIR or PENSTOCK_DATABASE_URL"
        ) from error
    with suppress(OSError):  # there already, or SQLite will say what is wrong
        file.touch(mode=0o600, exist_ok=False)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3 or its twin
    connection.isolation_level = None  # transactions are begun below, not by the driver
    busy = f"busy_timeout = {int(BUSY_SECONDS * 1000)}"
    for pragma in (busy, "journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another has
    # written meanwhile; one that locks at its start waits for its turn.
    writes = connection.get_execution_options().get("penstock_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
