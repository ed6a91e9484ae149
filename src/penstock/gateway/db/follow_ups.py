"""Rows of the table `follow_ups`. Never commits: the caller's transaction does."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from penstock.gateway.db.tables import follow_ups
from penstock.gateway.permissions.change import Change, Created, Deleted, Intent, Renamed
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.subject import UserId

_CHANGES: Final = {"created": Created, "renamed": Renamed, "deleted": Deleted}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is to follow from an intent, if MLflow carries it out."""

    id: int
    intent: Intent


def add_follow_up(connection: Connection, intent: Intent, *, due: datetime) -> int:
    """Insert what is to follow, and when to look whether it has been left; return its id."""
    row = {
        "user_id": intent.user_id,
        "email": intent.email,
        "at": intent.at,
        "due": due,
        "change": _write(intent.change),
    }
    key: Any = connection.execute(insert(follow_ups).values(row)).inserted_primary_key
    return int(key[0])


def list_follow_ups(
    connection: Connection, *, most: int, due: datetime | None = None
) -> list[FollowUp]:
    """Return what is still to follow, or of that what is due, in the order of their moments."""
    query = select(follow_ups).order_by(follow_ups.c.due, follow_ups.c.id).limit(most)
    if due is not None:
        query = query.where(follow_ups.c.due <= due)
    return [_read(row) for row in connection.execute(query)]


def postpone_follow_up(connection: Connection, follow_up_id: int, *, due: datetime) -> None:
    """Say when to look again."""
    chosen = follow_ups.c.id == follow_up_id
    connection.execute(update(follow_ups).where(chosen).values(due=due))


def delete_follow_up(connection: Connection, follow_up_id: int) -> bool:
    """Delete one; return whether it was there: of those who do, one may act on it."""
    return (
        connection.execute(delete(follow_ups).where(follow_ups.c.id == follow_up_id)).rowcount == 1
    )


def _write(change: Change) -> str:
    (name,) = (name for name, kind in _CHANGES.items() if isinstance(change, kind))
    return json.dumps({"change": name, **asdict(change)})


def _read(row: Row[Any]) -> FollowUp:
    document = json.loads(row.change)
    kind = _CHANGES[document.pop("change")]
    resource = document.pop("resource")
    resource = Resource(Kind(resource["kind"]), resource["name"], resource["id"])
    change = kind(resource=resource, **document)
    return FollowUp(row.id, Intent(UserId(row.user_id), row.email, row.at, change))
