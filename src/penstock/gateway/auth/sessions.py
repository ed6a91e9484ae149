"""Sessions: proofs for browsers, kept by the gateway and carried in a cookie."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from penstock.gateway.auth.random_secret import hash_secret, make_secret
from penstock.gateway.db import sessions
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.sessions import StoredSession
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import UserId


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun: the value of its cookie, and when it ends by itself."""

    cookie: str = field(repr=False)
    expires_at: datetime


class Sessions:
    """The sessions of one database. Each method is one transaction.

    `seconds` is how long a session lasts. `on_end` is told after one has ended. All raise
    DatabaseUnavailable.
    """

    def __init__(
        self, database: Database, *, seconds: float, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._lifetime = timedelta(seconds=seconds)
        self._on_end = on_end

    def begin(self, user_id: UserId) -> NewSession:
        """Begin a session of a user who has just proven who they are."""
        cookie, now = make_secret(), datetime.now(UTC)
        expires_at = now + self._lifetime
        with self._database.writing() as connection:
            sessions.delete_expired(connection, now)
            sessions.add_session(
                connection, StoredSession(hash_secret(cookie), user_id, expires_at)
            )
        return NewSession(cookie, expires_at)

    def find(self, cookie: str) -> tuple[StoredSession, User] | None:
        """Return the session of a cookie and whose it is, unless it is over or they are out."""
        with self._database.reading() as connection:
            found = sessions.find_session(connection, hash_secret(cookie))
        if found is None:
            return None
        session, user = found
        return None if user.disabled or session.expires_at <= datetime.now(UTC) else found

    def end(self, cookie: str) -> None:
        """End a session; it may be over already."""
        with self._database.writing() as connection:
            sessions.delete_session(connection, hash_secret(cookie))
            bump(connection, Part.SESSIONS)
        self._on_end()
