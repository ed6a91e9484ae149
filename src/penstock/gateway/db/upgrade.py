"""Runs the migrations. Its libraries weigh 10 MB: it is imported when there is one to run."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from penstock.errors import DatabaseUnavailable


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision, in the caller's transaction.

    Raises DatabaseUnavailable for a revision that is not among the migrations.
    """
    config = migrations()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseUnavailable(
            f"the gateway's database belongs to another version of Penstock ({error}): run the "
            "version that made it, or a newer one; if another program made it, give the gateway "
            "a database of its own"
        ) from error


def migrations() -> Config:
    """Return where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", "penstock.gateway.db:migrations")
    return config
