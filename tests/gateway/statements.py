"""What requests cost the gateway's database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """Write down the SQL statements of a block.

    Without the beginnings of transactions, and without what goes on in the background whoever
    calls: the poll of the policy's versions, and the audit of what was done before.
    """
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        text = " ".join(statement.split())
        background = "FROM policy" in text or " audit" in text
        if not background and not text.startswith("BEGIN"):
            statements.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
