"""What migrations are made of, alike on all databases.

MySQL commits each change of a table at once, so that a migration may end half-way there: these
steps pass over what the one before has done. Elsewhere a step that is done twice fails.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op


def create_table(name: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table."""
    if not (_may_be_repeated() and sa.inspect(op.get_bind()).has_table(name)):
        op.create_table(name, *columns, **_options())


def create_index(name: str, table: str, columns: list[str]) -> None:
    """Create an index."""
    if not (_may_be_repeated() and name in _names(sa.inspect(op.get_bind()).get_indexes(table))):
        op.create_index(name, table, columns)


def drop_column(table: str, name: str) -> None:
    """Drop a column."""
    if _may_be_repeated() and name not in _names(sa.inspect(op.get_bind()).get_columns(table)):
        return
    with op.batch_alter_table(table) as batch:
        batch.drop_column(name)


def count_on(table: str) -> None:
    """Let no id of a table be used again. Only SQLite does, where the last row has gone."""
    if op.get_bind().dialect.name == "sqlite":
        # The table is copied, and the other one dropped: see `Sqlite.migrating`.
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ):
            pass


def insert_row(table: sa.TableClause, row: dict[str, Any]) -> None:
    """Insert a row with an `id`."""
    same = sa.select(table.c.id).where(table.c.id == row["id"])
    if not (_may_be_repeated() and op.get_bind().execute(same).first()):
        op.bulk_insert(table, [row])


def _may_be_repeated() -> bool:
    return op.get_bind().dialect.name == "mysql"


def _options() -> dict[str, Any]:
    """Return how MySQL keeps a table: texts differ where any character of theirs does."""
    dialect: Any = op.get_bind().dialect
    if dialect.name != "mysql":
        return {}
    collation = "utf8mb4_nopad_bin" if dialect.is_mariadb else "utf8mb4_0900_bin"
    return {
        "mysql_engine": "InnoDB",
        "mysql_row_format": "DYNAMIC",
        "mysql_charset": "utf8mb4",
        "mysql_collate": collation,
    }


def _names(found: list[Any]) -> Iterator[str]:
    return (one["name"] for one in found)
