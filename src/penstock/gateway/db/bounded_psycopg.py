"""psycopg with a bound on each answer. It is imported when a connection is opened."""

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

T = TypeVar("T")


class BoundedConnection(Connection[Any]):
    """A connection that is given up when its server says nothing for too long.

    The server bounds its statements by itself, but not when its process or machine is frozen:
    then nothing but the client's own clock tells.
    """

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for one answer. Raises OperationalError, and is closed then."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except _WaitTimeout as error:
            self.close()
            raise OperationalError(f"no answer within {self.answer_seconds} s") from error


def connect(named: dict[str, Any], *, seconds: float) -> BoundedConnection:
    """Open a connection whose answers may take so many seconds."""
    connection = BoundedConnection.connect(**named)
    connection.answer_seconds = seconds
    return connection
