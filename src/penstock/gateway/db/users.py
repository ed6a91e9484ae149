"""Rows of the table `users`. Never commits: the caller's transaction does."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.errors import AccountExists
from penstock.gateway.db.tables import users
from penstock.gateway.permissions.subject import UserId


@dataclass(frozen=True, slots=True)
class User:
    """One account. `password_hash` is None for an account that cannot log in by password."""

    id: UserId
    email: str
    is_admin: bool
    disabled: bool
    password_hash: str | None = field(repr=False)


def find_user(connection: Connection, email_key: str) -> User | None:
    """Return the user whose name compares as this key, or None."""
    row = connection.execute(select(users).where(users.c.email_key == email_key)).one_or_none()
    return None if row is None else read_user(row)


def get_user(connection: Connection, user_id: UserId) -> User | None:
    """Return the user of an id, or None."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    return None if row is None else read_user(row)


def list_users(connection: Connection) -> list[User]:
    """Return all users, by name."""
    return [read_user(row) for row in connection.execute(select(users).order_by(users.c.email_key))]


def add_user(
    connection: Connection,
    email: str,
    *,
    email_key: str,
    password_hash: str | None,
    is_admin: bool,
) -> User:
    """Insert a user. Raises AccountExists when the name is taken."""
    row = {
        "email": email,
        "email_key": email_key,
        "password_hash": password_hash,
        "is_admin": is_admin,
    }
    try:
        # Without RETURNING, which MySQL does not know.
        key: Any = connection.execute(insert(users).values(row)).inserted_primary_key
    except IntegrityError as error:
        raise AccountExists(f"there is an account named '{email}' already") from error
    made = select(users).where(users.c.id == key.id)
    return read_user(connection.execute(made).one())


def set_password_hash(connection: Connection, user: User, password_hash: str) -> None:
    """Replace a user's password hash."""
    connection.execute(
        update(users).where(users.c.id == user.id).values(password_hash=password_hash)
    )


def set_disabled(connection: Connection, user: User, *, disabled: bool) -> None:
    """Bar a user from logging in, or let them in again."""
    connection.execute(update(users).where(users.c.id == user.id).values(disabled=disabled))


def set_admin(connection: Connection, user: User, *, is_admin: bool) -> None:
    """Make a user an administrator, or end that."""
    connection.execute(update(users).where(users.c.id == user.id).values(is_admin=is_admin))


def delete_user(connection: Connection, user: User) -> None:
    """Delete a user, with all that is theirs here."""
    connection.execute(delete(users).where(users.c.id == user.id))


def has_administrator(connection: Connection) -> bool:
    """Return whether an administrator exists who is not disabled."""
    query = select(users.c.id).where(users.c.is_admin, ~users.c.disabled).limit(1)
    return connection.execute(query).first() is not None


def read_user(row: Row[Any]) -> User:
    """Return the user of a row with all columns of the table."""
    return User(
        id=UserId(row.id),
        email=row.email,
        is_admin=row.is_admin,
        disabled=row.disabled,
        password_hash=row.password_hash,
    )
