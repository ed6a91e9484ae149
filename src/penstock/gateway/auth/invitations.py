"""Invitations: one-time links by which somebody sets their own password."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from penstock.errors import InvitationOver
from penstock.gateway.auth.account_name import parse_account_name
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.auth.passwords import Passwords, check_password
from penstock.gateway.auth.random_secret import hash_secret, make_secret
from penstock.gateway.db import invitations, sessions, users
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import UserId

PATH: Final = "/invitation/"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new invitation: the secret end of its link, and until when it is good."""

    token: str = field(repr=False)
    expires_at: datetime

    def link(self, address: str) -> str:
        """Return the link at the public address of a gateway."""
        return f"{address}{PATH}{self.token}"


class Invitations:
    """The invitations of one database. Each method is one transaction.

    `seconds` is how long one is good. `on_change` is told the id of a user whose password has
    changed, and the version of all accounts by then, after the commit. All raise
    DatabaseUnavailable.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        *,
        seconds: float,
        on_change: Callable[[UserId, int], None] = lambda *_: None,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._lifetime = timedelta(seconds=seconds)
        self._on_change = on_change

    def invite(self, email: str) -> Invitation:
        """Make an invitation for an account; earlier ones end. Raises UnknownAccount."""
        token, expires_at = make_secret(), datetime.now(UTC) + self._lifetime
        with self._database.writing() as connection:
            user = get_account(connection, email)
            invitations.replace_invitation(
                connection, user.id, token_hash=hash_secret(token), expires_at=expires_at
            )
        return Invitation(token, expires_at)

    def find(self, token: str) -> User:
        """Return whom an invitation invites. Raises InvitationOver."""
        with self._database.reading() as connection:
            user = invitations.find_invited(connection, hash_secret(token), datetime.now(UTC))
        return _good(user)

    def accept(self, token: str, password: str) -> User:
        """Set the password of the invited, once; it ends their sessions.

        Raises InvitationOver, AccountError for a bad password.
        """
        check_password(password, parse_account_name(self.find(token).email))
        password_hash = self._passwords.hash(password)
        with self._database.writing() as connection:
            # Again, for another may have used it while the password was hashed.
            user = _good(
                invitations.find_invited(connection, hash_secret(token), datetime.now(UTC))
            )
            users.set_password_hash(connection, user, password_hash)
            invitations.delete_invitations_of(connection, user.id)
            sessions.delete_sessions_of(connection, user.id)
            version = bump(connection, Part.ACCOUNTS)
        self._on_change(user.id, version)
        return user


def _good(user: User | None) -> User:
    if user is None or user.disabled:
        raise InvitationOver(
            "this invitation has been used, is over, or never was; ask an administrator for another"
        )
    return user
