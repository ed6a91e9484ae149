"""Tokens: named, scoped, expiring proofs for programs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from penstock.errors import AccountError, UnknownToken
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.auth.proof import TOKEN_PREFIX
from penstock.gateway.auth.random_secret import hash_secret, make_secret
from penstock.gateway.db import tokens
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.tokens import NewToken, Token
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import TokenScope, UserId

MAX_NAME: Final = 255
MAX_SECONDS: Final = 10 * 365 * 86_400
ANY_NAME: Final = "token"
"""The account name that may stand for the owner's where HTTP Basic wants one."""


class Tokens:
    """The tokens of one database. Each method is one transaction.

    `on_change` is told the id of a user whose token has ended, and the version of all accounts by
    then, after the commit. All raise DatabaseUnavailable.
    """

    def __init__(
        self, database: Database, *, on_change: Callable[[UserId, int], None] = lambda *_: None
    ) -> None:
        self._database = database
        self._on_change = on_change

    def create(
        self,
        email: str,
        name: str,
        *,
        scope: TokenScope = TokenScope.WRITE,
        seconds: int | None = None,
        until: datetime | None = None,
    ) -> tuple[int, str]:
        """Make a token and return its id and itself, which is stored nowhere.

        Without `seconds` it lives until the moment `until`, or for ever, and never beyond it.
        Raises UnknownAccount, or AccountError for a bad name or time.
        """
        _check(name, seconds)
        token = TOKEN_PREFIX + make_secret()
        expires_at = _end(seconds, until)
        with self._database.writing() as connection:
            user = get_account(connection, email)
            new = NewToken(user.id, name, hash_secret(token), scope, expires_at)
            token_id = tokens.add_token(connection, new)
        return token_id, token

    def find_proven(self, token: str, name: str | None = None) -> tuple[Token, User] | None:
        """Return a token that is good now, and whose it is; `name` must be the owner's if given."""
        with self._database.reading() as connection:
            found = tokens.find_token(connection, hash_secret(token))
        if found is None:
            return None
        known, user = found
        if name is not None and comparison_key(name) not in {ANY_NAME, comparison_key(user.email)}:
            return None
        expired = known.expires_at is not None and known.expires_at <= datetime.now(UTC)
        return None if expired or user.disabled else found

    def list_tokens(self, email: str) -> list[Token]:
        """Return a user's tokens. Raises UnknownAccount."""
        with self._database.reading() as connection:
            user = get_account(connection, email)
            return tokens.list_tokens(connection, user.id)

    def revoke(self, token_id: int, *, owner: UserId | None = None) -> None:
        """End a token. Raises UnknownToken for one that is not there, or not the owner's."""
        with self._database.writing() as connection:
            token = tokens.get_token(connection, token_id)
            if token is None or (owner is not None and token.user_id != owner):
                raise UnknownToken(f"there is no token {token_id}")
            tokens.delete_token(connection, token_id)
            version = bump(connection, Part.ACCOUNTS)
        self._on_change(token.user_id, version)


def _end(seconds: int | None, until: datetime | None) -> datetime | None:
    if seconds is None:
        return until
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    if until is not None and end > until:
        raise AccountError(
            f"a token that a token makes lives no longer than that one, which ends at "
            f"{until:%Y-%m-%dT%H:%M:%SZ}; ask for less, or prove yourself by your password"
        )
    return end


def _check(name: str, seconds: int | None) -> None:
    if not name or len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        raise AccountError(f"a token's name must have 1 to {MAX_NAME} printable characters")
    if seconds is not None and not 1 <= seconds <= MAX_SECONDS:
        raise AccountError(f"a token expires in 1 to {MAX_SECONDS} seconds")
