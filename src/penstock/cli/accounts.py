"""The accounts that `penstock user` works on: a gateway's over HTTP, or a database's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from penstock.cli.extras import require_server
from penstock.cli.server import Server, open_server
from penstock.errors import ConfigurationError

if TYPE_CHECKING:
    from penstock.gateway.auth.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it is listed."""

    email: str
    is_admin: bool
    disabled: bool

    @property
    def role(self) -> str:
        """What the account may do in general."""
        return "administrator" if self.is_admin else "user"

    @property
    def state(self) -> str:
        """Whether the account can log in."""
        return "disabled" if self.disabled else "active"

    def as_json(self) -> dict[str, Any]:
        """Return the account as a JSON object."""
        return {"email": self.email, "is_admin": self.is_admin, "disabled": self.disabled}


class Directory(Protocol):
    """Accounts, wherever they are kept. Raises PenstockError."""

    def add(self, email: str, *, password: str, is_admin: bool) -> None:
        """Make an account."""

    def list_users(self) -> list[Account]:
        """Return all accounts, by name."""


def open_directory(data: Path | None, uri: str | None) -> AbstractContextManager[Directory]:
    """Open the accounts of a data folder, or those of the gateway of `--uri` or the settings."""
    if data is None:
        return _open_remote(uri)
    if uri is not None:
        raise ConfigurationError("pass either --data or --uri, not both")
    return _open_local(data)


class _Remote:
    def __init__(self, server: Server) -> None:
        self._server = server

    def add(self, email: str, *, password: str, is_admin: bool) -> None:
        body = {"email": email, "password": password, "is_admin": is_admin}
        self._server.call("POST", "/v1/user", body)

    def list_users(self) -> list[Account]:
        found = self._server.call("GET", "/v1/users")["data"]
        return [Account(user["email"], user["is_admin"], user["disabled"]) for user in found]


class _Local:
    def __init__(self, accounts: "Accounts") -> None:
        self._accounts = accounts

    def add(self, email: str, *, password: str, is_admin: bool) -> None:
        self._accounts.add(email, password=password, is_admin=is_admin)

    def list_users(self) -> list[Account]:
        found = self._accounts.list_users()
        return [Account(user.email, user.is_admin, user.disabled) for user in found]


@contextmanager
def _open_remote(uri: str | None) -> Iterator[Directory]:
    with open_server(uri) as server:
        yield _Remote(server)


@contextmanager
def _open_local(data: Path) -> Iterator[Directory]:
    database = data.absolute() / "penstock.db"
    if not database.is_file():
        # A mistyped folder must not become a new database that nobody serves.
        raise ConfigurationError(
            f"there is no {database}; check --data, or start `penstock up --data {data}` once"
        )
    require_server("user --data")
    from penstock.gateway.auth.accounts import open_accounts  # noqa: PLC0415 - needs the extra
    from penstock.gateway.db.engine import sqlite_url  # noqa: PLC0415 - the same

    with open_accounts(sqlite_url(database)) as accounts:
        yield _Local(accounts)
