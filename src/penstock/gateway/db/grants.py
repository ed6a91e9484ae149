"""Rows of the table `grants`. Never commits: the caller's transaction does."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from penstock.gateway.db.groups import Group
from penstock.gateway.db.tables import grants, groups, memberships, users
from penstock.gateway.db.users import User
from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.subject import UserId


def grants_of(connection: Connection, user_id: UserId) -> list[Grant]:
    """Return the grants of a user and of their groups."""
    mine = select(memberships.c.group_id).where(memberships.c.user_id == user_id)
    return _read(
        connection, _all().where(or_(grants.c.user_id == user_id, grants.c.group_id.in_(mine)))
    )


def list_grants(
    connection: Connection,
    *,
    subject: User | Group | None = None,
    kind: Kind | None = None,
    pattern: str | None = None,
) -> list[Grant]:
    """Return grants by id, narrowed to what is given."""
    query = _all().order_by(grants.c.id)
    if subject is not None:
        query = query.where(_is_of(subject))
    if kind is not None:
        query = query.where(grants.c.kind == kind.value)
    if pattern is not None:
        query = query.where(grants.c.pattern == pattern)
    return _read(connection, query)


def find_grant(connection: Connection, grant_id: int) -> Grant | None:
    """Return one grant, or None."""
    found = _read(connection, _all().where(grants.c.id == grant_id))
    return found[0] if found else None


def put_grant(connection: Connection, subject: User | Group, pattern: Pattern, level: Level) -> int:
    """Set the level of a subject for a pattern, whether there was a grant or not; return its id."""
    same = and_(
        _is_of(subject),
        grants.c.kind == pattern.kind.value,
        grants.c.pattern == pattern.text,
        grants.c.resource_id.is_(pattern.resource_id)
        if pattern.resource_id is None
        else grants.c.resource_id == pattern.resource_id,
    )
    known = connection.execute(select(grants.c.id).where(same)).scalar()
    if known is not None:
        connection.execute(update(grants).where(grants.c.id == known).values(level=level.value))
        return int(known)
    owner = "user_id" if isinstance(subject, User) else "group_id"
    added = connection.execute(
        insert(grants).values(
            {
                owner: subject.id,
                "kind": pattern.kind.value,
                "pattern": pattern.text,
                "resource_id": pattern.resource_id,
                "level": level.value,
            }
        )
    )
    key: Any = added.inserted_primary_key
    return int(key[0])


def delete_grant(connection: Connection, grant_id: int) -> None:
    """Delete one grant."""
    connection.execute(delete(grants).where(grants.c.id == grant_id))


def bind(connection: Connection, experiment: Resource) -> int:
    """Bind the grants that wait for an experiment of this name to it; return how many."""
    waiting = and_(
        grants.c.kind == Kind.EXPERIMENT.value,
        grants.c.pattern == experiment.name,
        grants.c.resource_id.is_(None),
        ~grants.c.pattern.like("id:%"),
        ~_is_prefix(),
    )
    bound = connection.execute(update(grants).where(waiting).values(resource_id=experiment.id))
    return bound.rowcount


def rename_experiment(connection: Connection, experiment: Resource) -> None:
    """Let the exact grants of an experiment show its new name."""
    bound = and_(
        grants.c.kind == Kind.EXPERIMENT.value,
        grants.c.resource_id == experiment.id,
        ~grants.c.pattern.like("id:%"),
    )
    connection.execute(update(grants).where(bound).values(pattern=experiment.name))


def rename_model(connection: Connection, old: str, new: str) -> None:
    """Move the exact grants of a registered model to its new name."""
    connection.execute(update(grants).where(_exact_model(old)).values(pattern=new))


def delete_model(connection: Connection, name: str) -> None:
    """End the exact grants of a registered model."""
    connection.execute(delete(grants).where(_exact_model(name)))


def _exact_model(name: str) -> ColumnElement[bool]:
    return and_(
        grants.c.kind == Kind.REGISTERED_MODEL.value, grants.c.pattern == name, ~_is_prefix()
    )


def _is_prefix() -> ColumnElement[bool]:
    # Where MLflow has something of such a name from before, the grants of the pattern stay.
    return grants.c.pattern.like("%*")


def _is_of(subject: User | Group) -> ColumnElement[bool]:
    column = grants.c.user_id if isinstance(subject, User) else grants.c.group_id
    return column == subject.id


def _all() -> Select[Any]:
    return (
        select(grants, users.c.email, groups.c.name)
        .outerjoin(users, users.c.id == grants.c.user_id)
        .outerjoin(groups, groups.c.id == grants.c.group_id)
    )


def _read(connection: Connection, query: Select[Any]) -> list[Grant]:
    return [_grant(row) for row in connection.execute(query)]


def _grant(row: Row[Any]) -> Grant:
    subject = f"user:{row.email}" if row.email is not None else f"group:{row.name}"
    pattern = Pattern(Kind(row.kind), row.pattern, row.resource_id)
    return Grant(row.id, subject, pattern, Level(row.level))
