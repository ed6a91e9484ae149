"""Groups: make them, fill them, list them."""

from collections.abc import Callable

from penstock.gateway.access.principals import check_group_name, get_group
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.db import groups
from penstock.gateway.db.database import Database
from penstock.gateway.db.groups import Group
from penstock.gateway.db.policy import bump
from penstock.gateway.permissions.subject import UserId


class Groups:
    """The groups of one database. Each method is one transaction.

    `on_change` is told after a change has been committed. All raise DatabaseUnavailable.
    """

    def __init__(self, database: Database, *, on_change: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._on_change = on_change

    def list_groups(self) -> list[Group]:
        """Return all groups by name, with their members."""
        with self._database.reading() as connection:
            return groups.list_groups(connection)

    def of(self, user_id: UserId) -> tuple[str, ...]:
        """Return the names of the groups that a user is in."""
        with self._database.reading() as connection:
            return groups.groups_of(connection, user_id)

    def add(self, name: str) -> None:
        """Make a group. Raises AccountError for a bad name, GroupExists for a taken one."""
        check_group_name(name)
        with self._database.writing() as connection:
            groups.add_group(connection, name, name_key=comparison_key(name))

    def delete(self, name: str) -> None:
        """Delete a group, with its grants. Raises UnknownGroup."""
        with self._database.writing() as connection:
            groups.delete_group(connection, get_group(connection, name))
            bump(connection)
        self._on_change()

    def set_member(self, name: str, email: str, *, is_member: bool) -> None:
        """Make a user a member, or end that; either may be so already.

        Raises UnknownGroup, UnknownAccount.
        """
        with self._database.writing() as connection:
            group = get_group(connection, name)
            user = get_account(connection, email)
            change = groups.add_member if is_member else groups.remove_member
            change(connection, group, user.id)
            bump(connection)
        self._on_change()
