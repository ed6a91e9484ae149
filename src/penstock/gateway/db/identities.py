"""Rows of the table `identities`. Never commits: the caller's transaction does."""

from sqlalchemy import Connection, insert, select

from penstock.gateway.db.tables import identities
from penstock.gateway.db.users import User, get_user
from penstock.gateway.permissions.subject import UserId


def find_identity(connection: Connection, issuer: str, subject: str) -> User | None:
    """Return the user who is this subject at this issuer, or None."""
    user_id = connection.execute(
        select(identities.c.user_id).where(
            identities.c.issuer == issuer, identities.c.subject == subject
        )
    ).scalar()
    return None if user_id is None else get_user(connection, UserId(user_id))


def is_known_at(connection: Connection, user: User, issuer: str) -> bool:
    """Return whether a user is some subject of an issuer."""
    found = connection.execute(
        select(identities.c.subject).where(
            identities.c.user_id == user.id, identities.c.issuer == issuer
        )
    )
    return found.first() is not None


def add_identity(connection: Connection, user: User, *, issuer: str, subject: str) -> None:
    """Let a user be this subject at this issuer."""
    connection.execute(insert(identities).values(issuer=issuer, subject=subject, user_id=user.id))
