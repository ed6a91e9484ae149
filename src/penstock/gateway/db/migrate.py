"""Bring a database to the newest schema."""

from sqlalchemy import Connection, Engine, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.engine import WRITES
from penstock.gateway.db.tables import REVISION

_VERSIONS = table("alembic_version", column("version_num"))
"""Alembic's own table. It is read here so that Alembic need not be loaded to find nothing to do."""


def migrate(engine: Engine) -> None:
    """Run the migrations that this database has not seen, all or none.

    Several processes may start at once: the first one works, the others find nothing to do.
    Raises DatabaseUnavailable when the database cannot be opened or written.
    """
    try:
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            if _find_revision(connection) != REVISION:
                from penstock.gateway.db.upgrade import upgrade  # noqa: PLC0415 - heavy, and rare

                upgrade(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise DatabaseUnavailable(
            f"the gateway's database cannot be opened or migrated ({reason}): check that its "
            "folder exists, is writable and has space, and that the file is a database"
        ) from error


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    revision: str | None = connection.execute(select(_VERSIONS)).scalar_one_or_none()
    return revision
