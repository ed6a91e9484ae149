"""Connections to the gateway's database."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from penstock.errors import ConfigurationError, DatabaseUnavailable

WRITES = {"penstock_writes": True}
"""Execution options of a transaction that writes: SQLite then locks at its start."""


def open_engine(database_url: str) -> Engine:
    """Return an engine for a database URL; SQLite's folder is made if it is missing.

    Raises ConfigurationError for a URL that cannot be used.
    """
    url = _parse(database_url)
    if url.get_backend_name() != "sqlite":
        raise ConfigurationError(
            f"PENSTOCK_DATABASE_URL: '{url.get_backend_name()}' is not supported; "
            "use sqlite:///path/to/penstock.db"
        )
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    except ArgumentError:
        raise ConfigurationError(
            "PENSTOCK_DATABASE_URL is not a database URL; "
            "expected one such as sqlite:///path/to/penstock.db"
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the database's folder cannot be made: {error}; choose another with "
            "PENSTOCK_DATA_DIR or PENSTOCK_DATABASE_URL"
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3 or its twin
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode = WAL", "busy_timeout = 10000", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another has
    # written meanwhile; one that locks at its start waits for its turn.
    writes = connection.get_execution_options().get("penstock_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
