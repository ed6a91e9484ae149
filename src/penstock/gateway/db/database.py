"""The gateway's database: transactions, and the one translation of its errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, SQLAlchemyError

from penstock.errors import DatabaseUnavailable, UnstorableText
from penstock.gateway.db.backend import WRITES, reason_of


class Database:
    """One database. Each block is one transaction; an error inside undoes all of it.

    Blocks raise DatabaseUnavailable, and UnstorableText for a text that no column holds.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads, from one state."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that writes, one at a time."""
        with (
            _translated(),
            self.engine.connect().execution_options(**WRITES) as connection,
            connection.begin(),
        ):
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DataError, UnicodeEncodeError) as error:
        raise UnstorableText(
            "a text is too long, or holds characters that cannot be stored, such as NUL"
        ) from error
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(
            f"the gateway's database does not answer: {reason_of(error)}"
        ) from error
