"""Bring a database to the newest schema."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db.engine import WRITES


def migrate(engine: Engine) -> None:
    """Run the migrations that this database has not seen, all or none.

    Several processes may start at once: the first one works, the others find nothing to do.
    Raises DatabaseUnavailable when the database cannot be opened or written.
    """
    config = Config()
    config.set_main_option("script_location", "penstock.gateway.db:migrations")
    try:
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseUnavailable(
            f"the gateway's database belongs to another version of Penstock ({error}): "
            "run the version that made it, or a newer one"
        ) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise DatabaseUnavailable(
            f"the gateway's database cannot be opened or migrated ({reason}): check that its "
            "folder exists, is writable and has space, and that the file is a database"
        ) from error
