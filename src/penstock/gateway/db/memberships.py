"""Memberships of one user, and who said so. Never commits: the caller's transaction does."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from penstock.gateway.db.groups import GroupId
from penstock.gateway.db.tables import groups, memberships
from penstock.gateway.permissions.subject import UserId


@dataclass(frozen=True, slots=True)
class Membership:
    """A user is in a group because a source says so; an empty one is an administrator."""

    group_id: GroupId
    name_key: str
    source: str


def list_memberships(connection: Connection, user_id: UserId) -> list[Membership]:
    """Return all memberships of a user."""
    rows = connection.execute(
        select(groups.c.id, groups.c.name_key, memberships.c.source)
        .join(memberships, memberships.c.group_id == groups.c.id)
        .where(memberships.c.user_id == user_id)
    )
    return [Membership(GroupId(row.id), row.name_key, row.source) for row in rows]


def find_group_ids(connection: Connection, name_keys: Iterable[str]) -> dict[str, GroupId]:
    """Return the groups that there are of these names, by their keys."""
    rows = connection.execute(
        select(groups.c.id, groups.c.name_key).where(groups.c.name_key.in_(list(name_keys)))
    )
    return {row.name_key: GroupId(row.id) for row in rows}


def add_membership(
    connection: Connection, group_id: GroupId, user_id: UserId, *, source: str
) -> None:
    """Put a user, who is not in it yet, into a group."""
    connection.execute(
        insert(memberships).values(group_id=group_id, user_id=user_id, source=source)
    )


def delete_membership(connection: Connection, group_id: GroupId, user_id: UserId) -> None:
    """Take a user out of a group."""
    connection.execute(
        delete(memberships).where(
            memberships.c.group_id == group_id, memberships.c.user_id == user_id
        )
    )
