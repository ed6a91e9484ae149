"""What requests cost the gateway's database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

BACKGROUND = (
    "BEGIN",
    "SELECT policy.id, policy.version FROM policy",
    "INSERT INTO audit",
    "UPDATE audit",
    "SELECT audit.",
)


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """Write down the SQL statements of a block.

    Without the beginnings of transactions, and without what goes on in the background whoever
    calls: the poll of the policy's versions, and the audit of some calls at a time.
    """
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        text = " ".join(statement.split())
        if not text.startswith(BACKGROUND):
            statements.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
