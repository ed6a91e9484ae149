"""The database of a data folder, for commands that work on it without a gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.cli.extras import require_server
from penstock.errors import ConfigurationError

if TYPE_CHECKING:
    from penstock.gateway.db.database import Database


@contextmanager
def open_database(data: Path) -> "Iterator[Database]":
    """Open the database of a data folder, migrated to the newest schema.

    Raises ConfigurationError for a folder without one: a mistyped folder must not become a new
    database that nobody serves.
    """
    file = data.absolute() / "penstock.db"
    if not file.is_file():
        raise ConfigurationError(
            f"there is no {file}; check --data, or start `penstock up --data {data}` once"
        )
    require_server("--data")
    from penstock.gateway.db.database import Database  # noqa: PLC0415 - needs the extra
    from penstock.gateway.db.engine import open_engine  # noqa: PLC0415 - the same
    from penstock.gateway.db.migrate import migrate  # noqa: PLC0415 - the same
    from penstock.gateway.db.sqlite import sqlite_url  # noqa: PLC0415 - the same

    engine = open_engine(sqlite_url(file))
    try:
        migrate(engine)
        yield Database(engine)
    finally:
        engine.dispose()
