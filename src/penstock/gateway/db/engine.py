"""Connections to the gateway's database, by the kind that its URL names."""

from typing import Final

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from penstock.errors import ConfigurationError, DatabaseUnavailable
from penstock.gateway.db import mysql, postgresql, sqlite
from penstock.gateway.db.backend import SETTING, Backend

BACKENDS: Final[dict[str, Backend]] = {
    "sqlite": sqlite.Sqlite(),
    "postgresql": postgresql.Postgresql(),
    "postgres": postgresql.Postgresql(),
    "mysql": mysql.Mysql(),
    "mariadb": mysql.Mysql(),
}
"""By the beginning of a URL."""

EXPECTED: Final = f"{sqlite.EXPECTED}, {postgresql.EXPECTED} or {mysql.EXPECTED}"


def open_engine(database_url: str) -> Engine:
    """Return an engine for a database URL; SQLite's folder and file are made if they are missing.

    Raises ConfigurationError for a URL that cannot be used.
    """
    url = _parse(database_url)
    backend = BACKENDS.get(_kind(url))
    if backend is None:
        raise ConfigurationError(f"{SETTING}: '{_kind(url)}' is not supported; {EXPECTED}")
    return backend.open(url)


def backend_of(engine: Engine) -> Backend:
    """Return the kind of an engine's database."""
    return BACKENDS[engine.dialect.name]


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
        raise ConfigurationError(f"{SETTING} is no database URL; {EXPECTED}") from None


def _kind(url: URL) -> str:
    return url.drivername.partition("+")[0]
