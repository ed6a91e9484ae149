"""The account that somebody names."""

from sqlalchemy import Connection

from penstock.errors import UnknownAccount
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.db.users import User, find_user


def get_account(connection: Connection, name: str) -> User:
    """Return the account of a name. Raises UnknownAccount."""
    user = find_user(connection, comparison_key(name))
    if user is None:
        raise UnknownAccount(f"there is no account named '{name}'")
    return user
