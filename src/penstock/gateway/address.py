"""Where a gateway is reached, kept in its database for commands that work on that."""

from typing import Final

from sqlalchemy import delete, insert, select

from penstock.gateway.db.database import Database
from penstock.gateway.db.tables import settings as stored
from penstock.gateway.networks import reachable_host
from penstock.gateway.settings import GatewaySettings

NAME: Final = "address"


def address_of(settings: GatewaySettings) -> str:
    """Return where people reach the gateway of these settings, or at least this machine does."""
    return settings.public_url or f"http://{reachable_host(settings.host)}:{settings.port}"


def keep_address(database: Database, settings: GatewaySettings) -> None:
    """Store where a gateway that starts is reached. Raises DatabaseUnavailable."""
    address = address_of(settings)
    if find_address(database) != address:
        with database.writing() as connection:
            connection.execute(delete(stored).where(stored.c.name == NAME))
            connection.execute(insert(stored).values(name=NAME, value=address))


def find_address(database: Database) -> str | None:
    """Return where the last gateway that started is reached. Raises DatabaseUnavailable."""
    with database.reading() as connection:
        return connection.execute(select(stored.c.value).where(stored.c.name == NAME)).scalar()
