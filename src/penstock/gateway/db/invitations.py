"""Rows of the table `invitations`. Never commits: the caller's transaction does."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from penstock.gateway.db.tables import invitations, users
from penstock.gateway.db.users import User, read_user
from penstock.gateway.permissions.subject import UserId


def replace_invitation(
    connection: Connection, user_id: UserId, *, token_hash: str, expires_at: datetime
) -> None:
    """Insert an invitation in place of the user's earlier ones."""
    delete_invitations_of(connection, user_id)
    connection.execute(
        insert(invitations).values(token_hash=token_hash, user_id=user_id, expires_at=expires_at)
    )


def find_invited(connection: Connection, token_hash: str, now: datetime) -> User | None:
    """Return whom an invitation that is not over invites, or None."""
    query = (
        select(users)
        .join(invitations, invitations.c.user_id == users.c.id)
        .where(invitations.c.token_hash == token_hash, invitations.c.expires_at > now)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else read_user(row)


def delete_invitations_of(connection: Connection, user_id: UserId) -> None:
    """Delete all invitations of a user."""
    connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
