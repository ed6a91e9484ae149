"""Keys that the gateway makes for itself and shares with its replicas through the database."""

import secrets

from sqlalchemy import Connection, insert, select

from penstock.gateway.db.tables import secret_keys


def get_or_make_key(connection: Connection, name: str) -> bytes:
    """Return the named key of 32 random bytes, made at the first call."""
    query = select(secret_keys.c.value).where(secret_keys.c.name == name)
    value = connection.execute(query).scalar_one_or_none()
    if value is None:
        value = secrets.token_hex(32)
        connection.execute(insert(secret_keys).values(name=name, value=value))
    return bytes.fromhex(value)
