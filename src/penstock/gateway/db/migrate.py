"""Bring a database to the newest schema."""

from sqlalchemy import Connection, Engine, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.backend import Backend, reason_of
from penstock.gateway.db.engine import backend_of
from penstock.gateway.db.tables import REVISION

_VERSIONS = table("alembic_version", column("version_num"))
"""Alembic's own table. It is read here so that Alembic need not be loaded to find nothing to do."""


def migrate(engine: Engine) -> None:
    """Run the migrations that this database has not seen.

    Several processes may start at once: the first one works, the others find nothing to do. What
    an interrupted migration has left is undone, or, on MySQL, completed by the next one.
    Raises DatabaseUnavailable when the database cannot be opened or written.
    """
    backend = backend_of(engine)
    try:
        if not _is_newest(engine):
            _migrate(engine, backend)
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(
            f"the gateway's database cannot be opened or migrated ({reason_of(error)}): "
            f"{backend.advice}"
        ) from error


def _is_newest(engine: Engine) -> bool:
    with engine.connect() as connection:
        return _find_revision(connection) == REVISION


def _migrate(engine: Engine, backend: Backend) -> None:
    with backend.migrating(engine) as connection:
        # Again, for another process may have migrated meanwhile.
        if _find_revision(connection) != REVISION:
            from penstock.gateway.db.upgrade import upgrade  # noqa: PLC0415 - heavy, and rare

            upgrade(connection)


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    revision: str | None = connection.execute(select(_VERSIONS)).scalar_one_or_none()
    return revision
