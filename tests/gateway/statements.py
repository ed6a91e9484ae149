"""What requests cost the gateway's database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """Write down the SQL statements of a block.

    Without the beginnings of transactions, and without the poll of the policy's versions, which
    goes on in the background whoever calls.
    """
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        text = " ".join(statement.split())
        if "FROM policy" not in text and not text.startswith("BEGIN"):
            statements.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
