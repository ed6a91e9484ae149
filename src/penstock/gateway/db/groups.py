"""Rows of the tables `groups` and `memberships`. Never commits: the caller's transaction does."""

from dataclasses import dataclass
from typing import NewType

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.errors import GroupExists
from penstock.gateway.db.tables import groups, memberships, users
from penstock.gateway.permissions.subject import UserId

GroupId = NewType("GroupId", int)


@dataclass(frozen=True, slots=True)
class Group:
    """A group and the names of its members."""

    id: GroupId
    name: str
    members: tuple[str, ...] = ()


def find_group(connection: Connection, name_key: str) -> Group | None:
    """Return the group whose name compares as this key, without its members, or None."""
    row = connection.execute(select(groups).where(groups.c.name_key == name_key)).one_or_none()
    return None if row is None else Group(GroupId(row.id), row.name)


def list_groups(connection: Connection) -> list[Group]:
    """Return all groups by name, with their members by name."""
    members: dict[int, list[str]] = {}
    joined = select(memberships.c.group_id, users.c.email).join(
        users, users.c.id == memberships.c.user_id
    )
    for row in connection.execute(joined.order_by(users.c.email_key)):
        members.setdefault(row.group_id, []).append(row.email)
    found = connection.execute(select(groups).order_by(groups.c.name_key))
    return [Group(GroupId(row.id), row.name, tuple(members.get(row.id, ()))) for row in found]


def add_group(connection: Connection, name: str, *, name_key: str) -> None:
    """Insert a group. Raises GroupExists when the name is taken."""
    try:
        connection.execute(insert(groups).values(name=name, name_key=name_key))
    except IntegrityError as error:
        raise GroupExists(f"there is a group named '{name}' already") from error


def delete_group(connection: Connection, group: Group) -> None:
    """Delete a group, with its memberships and grants."""
    connection.execute(delete(groups).where(groups.c.id == group.id))


def add_member(connection: Connection, group: Group, user_id: UserId) -> bool:
    """Make a user a member; return whether they were none before.

    A membership that a provider vouches for becomes the administrator's own, and stays.
    """
    if _is_member(connection, group, user_id):
        membership = (memberships.c.group_id == group.id) & (memberships.c.user_id == user_id)
        connection.execute(update(memberships).where(membership).values(source=""))
        return False
    connection.execute(insert(memberships).values(group_id=group.id, user_id=user_id, source=""))
    return True


def remove_member(connection: Connection, group: Group, user_id: UserId) -> bool:
    """End a membership; return whether there was one."""
    removed = connection.execute(
        delete(memberships).where(
            memberships.c.group_id == group.id, memberships.c.user_id == user_id
        )
    )
    return removed.rowcount > 0


def groups_of(connection: Connection, user_id: UserId) -> tuple[str, ...]:
    """Return the names of the groups that a user is in, by name."""
    found = connection.execute(
        select(groups.c.name)
        .join(memberships, memberships.c.group_id == groups.c.id)
        .where(memberships.c.user_id == user_id)
        .order_by(groups.c.name_key)
    )
    return tuple(found.scalars())


def _is_member(connection: Connection, group: Group, user_id: UserId) -> bool:
    found = connection.execute(
        select(memberships.c.user_id).where(
            memberships.c.group_id == group.id, memberships.c.user_id == user_id
        )
    )
    return found.first() is not None
