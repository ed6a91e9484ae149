"""MySQL and MariaDB, by PyMySQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect
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

EXPECTED: Final = "mysql://user:password@host:3306/penstock"

MARIADB_SINCE: Final = (10, 5)
MYSQL_SINCE: Final = (8, 0, 17)
"""The first versions with collations that tell all texts apart, also by spaces at their ends."""

RECYCLE_SECONDS: Final = IDLE_SECONDS - 10
"""How old a connection gets: the server ends those that rest for longer than IDLE_SECONDS."""

_MIGRATION_LOCK: Final = "CONCAT('penstock.', MD5(DATABASE()))"
_TAKE_TURN: Final = "SELECT id FROM policy WHERE id = 1 FOR UPDATE"


class Mysql:
    """Who writes locks one row first; a snapshot begins with the first row that is read."""

    advice = ADVICE

    def open(self, url: URL) -> Engine:
        """Return an engine; nothing is connected yet."""
        check_driver(url, "pymysql", extra="mysql")
        check_named(url, EXPECTED)
        engine = _create(
            url, busy=BUSY_SECONDS, answer=ANSWER_SECONDS, pool_recycle=RECYCLE_SECONDS, **POOL
        )
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def migrating(self, engine: Engine) -> Iterator[Connection]:
        """Give a connection of its own, with time for long statements.

        There is no transaction around changes of tables here: each is committed at once, and the
        migrations pass over what an interrupted one has done.
        """
        patient = _create(
            engine.url, busy=MIGRATION_SECONDS, answer=MIGRATION_SECONDS, poolclass=NullPool
        )
        with patient.begin() as connection:
            _check_version(connection)
            _lock(connection)
            _check_own(connection)
            yield connection


def _create(url: URL, *, busy: int, answer: int, **pool: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's
    # Kept for the whole session: what the server's own configuration says does not matter.
    session = {
        "sql_mode": "'TRADITIONAL'",
        "time_zone": "'+00:00'",
        "innodb_lock_wait_timeout": busy,
        "lock_wait_timeout": busy,
        "wait_timeout": max(IDLE_SECONDS, answer),
    }
    named = ", ".join(f"{name} = {value}" for name, value in session.items())
    return create_engine(
        url.set(drivername="mysql+pymysql").difference_update_query(["charset"]),
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        connect_args={
            # As bytes: PyMySQL would take a text for Latin-1.
            "password": (url.password or "").encode(),
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": answer,
            "write_timeout": answer,
            "init_command": f"SET SESSION {named}",
        },
        **pool,
    )


def _begin(connection: Connection) -> None:
    if is_writing(connection):
        connection.exec_driver_sql(_TAKE_TURN)


def _lock(connection: Connection) -> None:
    # It ends with the connection; there is none that ends with a transaction.
    taken = connection.exec_driver_sql(f"SELECT GET_LOCK({_MIGRATION_LOCK}, {MIGRATION_SECONDS})")
    if taken.scalar() != 1:
        raise DatabaseUnavailable(
            f"another gateway has been migrating this database for {MIGRATION_SECONDS} seconds; "
            "end it if it hangs, and start again"
        )


def _check_version(connection: Connection) -> None:
    dialect: Any = connection.dialect
    name, since = ("MariaDB", MARIADB_SINCE) if dialect.is_mariadb else ("MySQL", MYSQL_SINCE)
    version = dialect.server_version_info
    if version < since:
        raise DatabaseUnavailable(
            f"the gateway's database is {name} {_dotted(version)}; "
            f"{name} {_dotted(since)} or newer is needed"
        )


def _check_own(connection: Connection) -> None:
    # Elsewhere a table that is in the way makes the migration fail; here it would be passed over.
    tables = inspect(connection).get_table_names()
    if tables and "alembic_version" not in tables:
        raise DatabaseUnavailable(
            f"the gateway's database holds tables of somebody else, such as '{tables[0]}'; "
            "give it a database of its own"
        )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
