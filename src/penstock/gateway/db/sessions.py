"""Rows of the table `sessions`. Never commits: the caller's transaction does."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from penstock.gateway.db.tables import sessions, users
from penstock.gateway.db.users import User, read_user
from penstock.gateway.permissions.subject import UserId


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is stored: under the hash of its id."""

    id_hash: str
    user_id: UserId
    expires_at: datetime


def add_session(connection: Connection, session: StoredSession) -> None:
    """Insert a session."""
    connection.execute(
        insert(sessions).values(
            id_hash=session.id_hash,
            user_id=session.user_id,
            expires_at=session.expires_at,
        )
    )


def find_session(connection: Connection, id_hash: str) -> tuple[StoredSession, User] | None:
    """Return a session, expired or not, and whose it is; None for an unknown one."""
    query = (
        select(users, sessions.c.expires_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.id_hash == id_hash)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    user = read_user(row)
    return StoredSession(id_hash, user.id, row.expires_at), user


def delete_session(connection: Connection, id_hash: str) -> None:
    """Delete a session, if it is there."""
    connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))


def delete_sessions_of(connection: Connection, user_id: UserId) -> None:
    """Delete all sessions of a user."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def delete_expired(connection: Connection, now: datetime) -> None:
    """Delete the sessions that are over."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
