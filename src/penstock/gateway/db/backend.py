"""What differs between the kinds of databases, and what must hold for each of them."""

from contextlib import AbstractContextManager
from typing import Final, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

SETTING: Final = "PENSTOCK_DATABASE_URL"

WRITES: Final = {"penstock_writes": True}
"""Execution options of a transaction that writes: it waits for its turn at its start."""

CONNECT_SECONDS: Final = 3
"""How long a connection to a server may take."""

BUSY_SECONDS: Final = 8
"""How long a transaction waits for another one that writes, and a server for a statement."""

ANSWER_SECONDS: Final = 10
"""How long a server that says nothing at all is waited for; then it counts as away."""

IDLE_SECONDS: Final = 30
"""How long a server waits for a gateway that has begun a transaction: it may be gone for good."""

MIGRATION_SECONDS: Final = 1800
"""How long the statements of a migration may take, and another gateway waits for it."""

POOL: Final = {
    "pool_size": 5,
    "max_overflow": 10,
    "pool_timeout": 5,
    "pool_pre_ping": True,
    "pool_use_lifo": True,
}
"""Connections to a server: bounded, tried before they are used, the last used one first."""


class Backend(Protocol):
    """One kind of database.

    Its engines keep these promises: a transaction that only reads sees one state; of those with
    WRITES there is one at a time, which sees all that the others have done; an error undoes all.
    `advice` says what to do when it cannot be opened.
    """

    advice: str

    def open(self, url: URL) -> Engine:
        """Return an engine. Raises ConfigurationError for a URL that cannot be used."""

    def migrating(self, engine: Engine) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction while which no other one migrates."""


def is_writing(connection: Connection) -> bool:
    """Return whether a transaction was begun with WRITES."""
    return bool(connection.get_execution_options().get("penstock_writes", False))


def reason_of(error: SQLAlchemyError) -> str:
    """Return what a driver says, in one line and without values of rows."""
    if isinstance(error, PoolTimeout):
        return "all connections are busy"
    origin = getattr(error, "orig", None)
    if origin is None or isinstance(error, IntegrityError):
        return type(error).__name__
    # PyMySQL's errors are a number and a text; of the lines of psycopg's, the first is the error.
    text = str(origin.args[-1] if origin.args else "")
    return text.strip().partition("\n")[0] or type(error).__name__
