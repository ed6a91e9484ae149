"""Rows of the table `tokens`. Never commits: the caller's transaction does."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from penstock.gateway.db.tables import tokens, users
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import TokenScope, UserId


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without what proves it. `expires_at` is None for one that does not expire."""

    id: int
    user_id: UserId
    email: str
    name: str
    scope: TokenScope
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is made of."""

    user_id: UserId
    name: str
    token_hash: str
    scope: TokenScope
    expires_at: datetime | None


def add_token(connection: Connection, token: NewToken) -> int:
    """Insert a token and return its id."""
    added = connection.execute(insert(tokens).values(asdict(token)))
    key: Any = added.inserted_primary_key
    return int(key[0])


def find_token(connection: Connection, token_hash: str) -> tuple[Token, User] | None:
    """Return the token of a hash, and whose it is, or None."""
    query = _all().where(tokens.c.token_hash == token_hash)
    owner = query.add_columns(users.c.is_admin, users.c.disabled, users.c.password_hash)
    row = connection.execute(owner).one_or_none()
    return None if row is None else (_token(row), _owner(row))


def get_token(connection: Connection, token_id: int) -> Token | None:
    """Return the token of an id, or None."""
    row = connection.execute(_all().where(tokens.c.id == token_id)).one_or_none()
    return None if row is None else _token(row)


def list_tokens(connection: Connection, user_id: UserId) -> list[Token]:
    """Return a user's tokens, by id."""
    query = _all().where(tokens.c.user_id == user_id).order_by(tokens.c.id)
    return [_token(row) for row in connection.execute(query)]


def delete_token(connection: Connection, token_id: int) -> None:
    """Delete one token."""
    connection.execute(delete(tokens).where(tokens.c.id == token_id))


def _all() -> Any:  # noqa: ANN401 - a query's type lists its columns
    return select(tokens, users.c.email).join(users, users.c.id == tokens.c.user_id)


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        user_id=UserId(row.user_id),
        email=row.email,
        name=row.name,
        scope=TokenScope(row.scope),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _owner(row: Row[Any]) -> User:
    return User(
        id=UserId(row.user_id),
        email=row.email,
        is_admin=row.is_admin,
        disabled=row.disabled,
        password_hash=row.password_hash,
    )
