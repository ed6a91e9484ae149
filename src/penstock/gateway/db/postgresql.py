"""PostgreSQL, by psycopg."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.backend import (
    ANSWER_SECONDS,
    BUSY_SECONDS,
    CONNECT_SECONDS,
    IDLE_SECONDS,
    MIGRATION_SECONDS,
    POOL,
    is_writing,
)
from penstock.gateway.db.server_url import ADVICE, check_driver, check_named

EXPECTED: Final = "postgresql://user:password@host:5432/penstock"

MIGRATION_LOCK: Final = 0x50656E73746F636B
"""The key of the advisory lock, of this database alone, that who migrates holds."""

RECYCLE_SECONDS: Final = 300
"""How old a connection gets: after a switch-over the new ones find the server that writes."""

_TAKE_TURN: Final = "SELECT id FROM policy WHERE id = 1 FOR UPDATE"


class Postgresql:
    """Who reads gets a snapshot; who writes locks one row first, and sees the newest state."""

    advice = ADVICE

    def open(self, url: URL) -> Engine:
        """Return an engine; nothing is connected yet."""
        check_driver(url, "psycopg", extra="postgresql")
        check_named(url, EXPECTED)
        engine = _create(url, busy=BUSY_SECONDS, answer=ANSWER_SECONDS, **POOL)
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def migrating(self, engine: Engine) -> Iterator[Connection]:
        """Give a connection of its own, with time for long statements."""
        patient = _create(
            engine.url, busy=MIGRATION_SECONDS, answer=MIGRATION_SECONDS, poolclass=NullPool
        )
        with patient.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            _check_encoding(connection)
            yield connection


def _create(url: URL, *, busy: int, answer: int, **pool: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's
    engine = create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        hide_parameters=True,
        pool_recycle=RECYCLE_SECONDS,
        connect_args=_connect_arguments(url, busy),
        **pool,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, _args: object, named: dict[str, Any]) -> object:
        from penstock.gateway.db.bounded_psycopg import connect  # noqa: PLC0415 - the driver

        return connect(named, seconds=answer)

    return engine


def _connect_arguments(url: URL, busy: int) -> dict[str, Any]:
    ours = {
        "statement_timeout": f"{busy}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in ours.items())
    theirs = url.query.get("options", "")
    asked = theirs if isinstance(theirs, str) else " ".join(theirs)
    usual = {"connect_timeout": CONNECT_SECONDS, "application_name": "penstock"}
    return {
        **{name: value for name, value in usual.items() if name not in url.query},
        "client_encoding": "utf8",
        "options": f"{options} {asked}".strip(),
        # Statements are not prepared: some poolers give each transaction another connection.
        "prepare_threshold": None,
    }


def _begin(connection: Connection) -> None:
    from psycopg import IsolationLevel  # noqa: PLC0415 - loaded with the first connection

    writes = is_writing(connection)
    driver: Any = connection.connection.dbapi_connection
    # Said to the server with the BEGIN that the driver sends before the first statement.
    driver.read_only = not writes
    driver.isolation_level = (
        IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
    )
    if writes:
        connection.exec_driver_sql(_TAKE_TURN)


def _check_encoding(connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise DatabaseUnavailable(
            f"the gateway's database stores text as {encoding}, which lacks most characters; make "
            "another one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )
