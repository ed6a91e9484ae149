"""The gateway's secret key: from the settings, or made once and kept in the database."""

import hashlib
import secrets
from typing import Final

from sqlalchemy import Connection, insert, select

from penstock.gateway.db.database import Database
from penstock.gateway.db.tables import settings as stored

NAME: Final = "secret-key"
KEY_BYTES: Final = 32


class SecretKey:
    """A key that all gateways on one database share. Nothing shows it.

    Without a configured one, `load` has to be called before the first use.
    """

    __slots__ = ("_key",)

    def __init__(self, configured: str | None = None) -> None:
        self._key = configured.encode() if configured else None

    def load(self, database: Database) -> None:
        """Take the database's key where none is configured, made if there is none.

        Raises DatabaseUnavailable.
        """
        if self._key is None:
            with database.writing() as connection:
                self._key = _stored(connection).encode()

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose; keys for others do not follow from it."""
        if self._key is None:
            raise RuntimeError("the secret key is not loaded yet")
        key = hashlib.sha256(self._key).digest()
        return hashlib.blake2b(purpose.encode(), key=key, digest_size=KEY_BYTES).digest()

    def __repr__(self) -> str:
        return "SecretKey(…)"


def _stored(connection: Connection) -> str:
    known = connection.execute(select(stored.c.value).where(stored.c.name == NAME)).scalar()
    if known is None:
        known = secrets.token_hex(KEY_BYTES)
        connection.execute(insert(stored).values(name=NAME, value=known))
    return str(known)
