"""The accounts that `penstock user` works on: a gateway's over HTTP, or a database's."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from penstock.cli.server import Server
from penstock.cli.settings import read_settings
from penstock.cli.workplace import open_workplace
from penstock.config import PREFIX

if TYPE_CHECKING:
    from penstock.gateway.auth.accounts import Accounts
    from penstock.gateway.auth.invitations import Invitations
    from penstock.gateway.db.database import Database


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


@dataclass(frozen=True, slots=True)
class Invited:
    """A link that sets a password, once, and until when."""

    link: str
    expires_at: str


class Directory(Protocol):
    """Accounts, wherever they are kept. Raises PenstockError."""

    def add(self, email: str, *, password: str | None, is_admin: bool) -> None:
        """Make an account; without a password, one that logs in by tokens alone."""

    def add_invited(self, email: str, *, is_admin: bool) -> Invited:
        """Make an account that gets its password by a link."""

    def invite(self, email: str) -> Invited:
        """Make a link by which an account sets its password, once."""

    def list_users(self) -> list[Account]:
        """Return all accounts, by name."""

    def set_password(self, email: str, password: str) -> None:
        """Replace a password."""

    def set_disabled(self, email: str, *, disabled: bool) -> None:
        """Bar an account from logging in, or let it in again."""

    def set_admin(self, email: str, *, is_admin: bool) -> None:
        """Make an account an administrator's, or end that."""

    def delete(self, email: str) -> None:
        """Delete an account."""


def open_directory(data: Path | None, uri: str | None) -> AbstractContextManager[Directory]:
    """Open the accounts of a data folder, or those of the gateway of `--uri` or the settings."""
    return open_workplace(data, uri, remote=_Remote, local=_local)


class _Remote:
    def __init__(self, server: Server) -> None:
        self._server = server

    def add(self, email: str, *, password: str | None, is_admin: bool) -> None:
        body: dict[str, Any] = {"email": email, "is_admin": is_admin}
        body |= {"service_account": True} if password is None else {"password": password}
        self._server.call("POST", "/v1/user", body)

    def add_invited(self, email: str, *, is_admin: bool) -> Invited:
        body = {"email": email, "is_admin": is_admin}
        return _invited(self._server.call("POST", "/v1/user", body)["data"])

    def invite(self, email: str) -> Invited:
        return _invited(self._server.call("POST", f"{_path(email)}/invitation", {})["data"])

    def list_users(self) -> list[Account]:
        found = self._server.call("GET", "/v1/users")["data"]
        return [Account(user["email"], user["is_admin"], user["disabled"]) for user in found]

    def set_password(self, email: str, password: str) -> None:
        self._server.call("PUT", f"{_path(email)}/password", {"password": password})

    def set_disabled(self, email: str, *, disabled: bool) -> None:
        self._server.call("PUT", _path(email), {"disabled": disabled})

    def set_admin(self, email: str, *, is_admin: bool) -> None:
        self._server.call("PUT", _path(email), {"is_admin": is_admin})

    def delete(self, email: str) -> None:
        self._server.call("DELETE", _path(email))


class _Local:
    """`address` is that of the gateway, for the links of invitations."""

    def __init__(self, accounts: "Accounts", invitations: "Invitations", address: str) -> None:
        self._accounts = accounts
        self._invitations = invitations
        self._address = address

    def add(self, email: str, *, password: str | None, is_admin: bool) -> None:
        self._accounts.add(email, password=password, is_admin=is_admin)

    def add_invited(self, email: str, *, is_admin: bool) -> Invited:
        self._accounts.add(email, password=None, is_admin=is_admin)
        return self.invite(email)

    def invite(self, email: str) -> Invited:
        made = self._invitations.invite(email)
        return Invited(made.link(self._address), made.expires_at.isoformat())

    def list_users(self) -> list[Account]:
        found = self._accounts.list_users()
        return [Account(user.email, user.is_admin, user.disabled) for user in found]

    def set_password(self, email: str, password: str) -> None:
        self._accounts.set_password(email, password)

    def set_disabled(self, email: str, *, disabled: bool) -> None:
        self._accounts.change(email, disabled=disabled)

    def set_admin(self, email: str, *, is_admin: bool) -> None:
        self._accounts.change(email, is_admin=is_admin)

    def delete(self, email: str) -> None:
        self._accounts.delete(email)


def _local(database: "Database") -> "_Local":
    from penstock.gateway.address import address_of, find_address  # noqa: PLC0415 - needs the extra
    from penstock.gateway.auth.accounts import Accounts  # noqa: PLC0415 - the same
    from penstock.gateway.auth.invitations import Invitations  # noqa: PLC0415 - the same
    from penstock.gateway.auth.passwords import Passwords  # noqa: PLC0415 - the same
    from penstock.gateway.settings import GatewaySettings  # noqa: PLC0415 - the same

    config, passwords = read_settings(), Passwords()
    settings = GatewaySettings.from_config(config)
    invitations = Invitations(database, passwords, seconds=settings.invitation_seconds)
    # What is set counts; else what the gateway was started with, also by options of its own.
    is_set = settings.public_url or any(f"{PREFIX}{name}" in config for name in ("HOST", "PORT"))
    address = None if is_set else find_address(database)
    return _Local(Accounts(database, passwords), invitations, address or address_of(settings))


def _invited(made: dict[str, str]) -> Invited:
    return Invited(made["invitation"], made["expires_at"])


def _path(email: str) -> str:
    return f"/v1/user/{quote(email, safe='')}"
