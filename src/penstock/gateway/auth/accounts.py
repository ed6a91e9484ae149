"""Accounts: make them, change them, verify their passwords."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from penstock.errors import AccountError
from penstock.gateway.auth.account_name import AccountName, parse_account_name
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.auth.passwords import Passwords, check_password
from penstock.gateway.db import invitations, sessions, users
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import UserId


class Accounts:
    """The accounts of one database. Each method is one transaction.

    `on_change` is told the id of a user whose password or state has changed, and the version of
    all accounts by then, after the commit.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        *,
        on_change: Callable[[UserId, int], None] = lambda *_: None,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._on_change = on_change

    def add(self, email: str, *, password: str | None, is_admin: bool = False) -> User:
        """Make an account; without a password it logs in by tokens alone.

        Raises AccountError for a bad name or password, or a taken name.
        """
        name = parse_account_name(email)
        password_hash = None
        if password is not None:
            check_password(password, name)
            password_hash = self._passwords.hash(password)
        with self._database.writing() as connection:
            return _insert(connection, name, password_hash, is_admin=is_admin)

    def add_first_administrator(self, email: str, password: str) -> User | None:
        """Make an administrator unless there is one; return them, or None when there was one.

        Raises AccountError when the name belongs to somebody who is no administrator.
        """
        name = parse_account_name(email)
        check_password(password, name)
        with self._database.writing() as connection:
            if users.has_administrator(connection):
                return None
            password_hash = self._passwords.hash(password)
            return _insert(connection, name, password_hash, is_admin=True)

    def list_users(self) -> list[User]:
        """Return all users, by name."""
        with self._database.reading() as connection:
            return users.list_users(connection)

    def has_administrator(self) -> bool:
        """Return whether an administrator exists who is not disabled."""
        with self._database.reading() as connection:
            return users.has_administrator(connection)

    def set_password(self, email: str, password: str) -> None:
        """Replace a password; sessions and invitations of before end with it.

        Raises UnknownAccount, or AccountError for a bad password.
        """
        name = parse_account_name(email)
        check_password(password, name)
        password_hash = self._passwords.hash(password)
        with self._changing(email) as (connection, user):
            users.set_password_hash(connection, user, password_hash)
            invitations.delete_invitations_of(connection, user.id)
            sessions.delete_sessions_of(connection, user.id)

    def change(
        self, email: str, *, is_admin: bool | None = None, disabled: bool | None = None
    ) -> None:
        """Change a user's role, or bar them from logging in; what is None stays as it is.

        Raises UnknownAccount, or AccountError for the last administrator.
        """
        with self._changing(email) as (connection, user):
            if is_admin is not None:
                users.set_admin(connection, user, is_admin=is_admin)
            if disabled is not None:
                users.set_disabled(connection, user, disabled=disabled)
                sessions.delete_sessions_of(connection, user.id)

    def delete(self, email: str) -> None:
        """Delete an account, with its tokens, memberships and grants.

        Raises UnknownAccount, or AccountError for the last administrator.
        """
        with self._changing(email) as (connection, user):
            users.delete_user(connection, user)

    def find_proven(self, email: str, password: str) -> User | None:
        """Return the user whose name and password these are, or None.

        Costs one password hash whether the name is known, unknown, disabled or impossible.
        """
        user = self._find_user(email)
        proven = self._passwords.verify(user.password_hash if user else None, password)
        return user if user and proven and not user.disabled else None

    @contextmanager
    def _changing(self, email: str) -> Iterator[tuple[Connection, User]]:
        """Change one user in one transaction; an administrator must be left at its end."""
        with self._database.writing() as connection:
            user = get_account(connection, email)
            had_administrator = users.has_administrator(connection)
            yield connection, user
            if had_administrator and not users.has_administrator(connection):
                raise AccountError(
                    f"'{user.email}' is the last administrator; make another one first"
                )
            version = bump(connection, Part.ACCOUNTS)
            bump(connection)
        self._on_change(user.id, version)

    def _find_user(self, email: str) -> User | None:
        try:
            name = parse_account_name(email)
        except AccountError:
            return None
        with self._database.reading() as connection:
            return users.find_user(connection, name.key)


@contextmanager
def open_accounts(database_url: str) -> Iterator[Accounts]:
    """Open the accounts of a database, migrated to the newest schema, for one piece of work.

    A gateway that runs on the same database notices changes within a second.
    """
    engine = open_engine(database_url)
    try:
        migrate(engine)
        yield Accounts(Database(engine), Passwords())
    finally:
        engine.dispose()


def _insert(
    connection: Connection, name: AccountName, password_hash: str | None, *, is_admin: bool
) -> User:
    return users.add_user(
        connection, name.text, email_key=name.key, password_hash=password_hash, is_admin=is_admin
    )
