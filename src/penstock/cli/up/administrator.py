"""Who the first administrator is, and where their password comes from."""

import os
import secrets
import tempfile
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final

from penstock.cli.up.folder import DataFolder
from penstock.config import Config
from penstock.errors import ConfigurationError, SupervisionError

DEFAULT_USERNAME: Final = "admin@localhost"


class PasswordSource(Enum):
    """Where `penstock up` knows the administrator's password from."""

    SETTING = auto()
    FILE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Administrator:
    """The administrator's name and, where it is known, password.

    `existed`: the database has an administrator already, whose password may be another one.
    """

    username: str
    password: str | None = field(repr=False)
    source: PasswordSource
    existed: bool


def find_administrator(config: Config, folder: DataFolder) -> Administrator:
    """Return the administrator; makes a random password and its file if there is none at all."""
    username = config.get("PENSTOCK_ADMIN_USERNAME", DEFAULT_USERNAME)
    existed = _has_administrator(folder)
    if password := config.get("PENSTOCK_ADMIN_PASSWORD"):
        return Administrator(username, password, PasswordSource.SETTING, existed)
    if password := _read_password(folder.password_file):
        return Administrator(username, password, PasswordSource.FILE, existed)
    if existed:
        return Administrator(username, None, PasswordSource.UNKNOWN, existed)
    password = secrets.token_urlsafe(18)
    _write_password(folder.password_file, password)
    return Administrator(username, password, PasswordSource.FILE, existed)


def _has_administrator(folder: DataFolder) -> bool:
    if not folder.gateway_database.exists():
        return False
    from penstock.gateway.auth.accounts import open_accounts  # noqa: PLC0415 - slow, seldom needed

    with open_accounts(folder.gateway_database_url) as accounts:
        return accounts.has_administrator()


def _read_password(path: Path) -> str | None:
    try:
        password = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the password in {path}: {error}") from error
    if not password:
        raise ConfigurationError(f"{path} is empty; write the password into it, or delete it")
    return password


def _write_password(path: Path, password: str) -> None:
    """Write the file so that it is complete and private from the moment it exists."""
    try:
        descriptor, draft = tempfile.mkstemp(prefix=".admin-password-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"{password}\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path)
    except OSError as error:
        raise SupervisionError(f"cannot write {path}: {error.strerror}") from error
