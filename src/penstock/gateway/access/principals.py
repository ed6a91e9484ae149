"""The users and groups that grants are given to, as they are written: `user:a@b.c`, `group:g`."""

from sqlalchemy import Connection

from penstock.errors import AccountError, GrantError, UnknownGroup
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.db.groups import Group, find_group
from penstock.gateway.db.users import User

MAX_NAME = 255


def get_principal(connection: Connection, text: str) -> User | Group:
    """Return whom a text names. Raises GrantError, UnknownAccount, UnknownGroup."""
    kind, colon, name = text.partition(":")
    if kind not in {"user", "group"} or not colon:
        raise GrantError("a subject is written as 'user:ann@example.com' or 'group:release'")
    if kind == "group":
        return get_group(connection, name)
    return get_account(connection, name)


def get_group(connection: Connection, name: str) -> Group:
    """Return the group of a name. Raises UnknownGroup."""
    group = find_group(connection, comparison_key(name))
    if group is None:
        raise UnknownGroup(f"there is no group named '{name}'")
    return group


def check_group_name(name: str) -> None:
    """Raise AccountError for a name that a group cannot have."""
    if not name or name != name.strip() or len(comparison_key(name)) > MAX_NAME:
        raise AccountError(
            f"a group's name must have 1 to {MAX_NAME} characters, without spaces around it"
        )
    if not name.isprintable() or set(comparison_key(name)) & set("/\\:") or name in {".", ".."}:
        raise AccountError("a group's name must not hold '/', '\\', ':' or control characters")
