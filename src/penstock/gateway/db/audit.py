"""Rows of the table `audit`. Never commits: the caller's transaction does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from penstock.gateway.db.audit_record import CountedCall, Record
from penstock.gateway.db.tables import audit

COLUMNS = tuple(field.name for field in fields(Record))


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records are asked for. `before` is the id of the last one of the page before.

    `target` and `action` may end in `*` for all that begin so.
    """

    actor: str | None = None
    target: str | None = None
    action: str | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int = 100


def add_record(connection: Connection, record: Record) -> int:
    """Insert a record and return its id."""
    added = connection.execute(insert(audit).values(_values(record)))
    key: Any = added.inserted_primary_key
    return int(key[0])


def set_results(connection: Connection, results: Mapping[int, str]) -> None:
    """Say how writes have ended."""
    for record_id, result in results.items():
        connection.execute(update(audit).where(audit.c.id == record_id).values(result=result))


def add_counts(connection: Connection, counts: Mapping[CountedCall, int]) -> None:
    """Add to the counts of a minute's calls."""
    for call, count in counts.items():
        same = (
            (audit.c.at == call.minute)
            & (audit.c.actor == call.actor)
            & (audit.c.action == call.action)
            & (audit.c.target == call.target)
            & (audit.c.result == call.result)
            & (audit.c.request_id == "")
        )
        changed = connection.execute(update(audit).where(same).values(count=audit.c.count + count))
        if changed.rowcount == 0:
            add_record(connection, _counted(call, count))


def list_records(connection: Connection, query: AuditQuery) -> list[tuple[int, Record]]:
    """Return records with their ids, the newest first."""
    found = _narrowed(select(audit), query).order_by(audit.c.id.desc()).limit(query.limit)
    return [(int(row.id), _record(row)) for row in connection.execute(found)]


def delete_older(connection: Connection, moment: datetime, *, most: int) -> int:
    """Delete records from before a moment, at most so many, and return how many went."""
    old: Sequence[int] = (
        connection.execute(select(audit.c.id).where(audit.c.at < moment).limit(most))
        .scalars()
        .all()
    )
    if old:
        connection.execute(delete(audit).where(audit.c.id.in_(old)))
    return len(old)


def _narrowed(found: Select[Any], query: AuditQuery) -> Select[Any]:
    if query.actor is not None:
        found = found.where(audit.c.actor == query.actor)
    for column, text in ((audit.c.target, query.target), (audit.c.action, query.action)):
        if text is not None and text.endswith("*"):
            found = found.where(column.startswith(text[:-1], autoescape=True))
        elif text is not None:
            found = found.where(column == text)
    if query.since is not None:
        found = found.where(audit.c.at >= query.since)
    if query.before is not None:
        found = found.where(audit.c.id < query.before)
    return found


def _values(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in COLUMNS}


def _record(row: Row[Any]) -> Record:
    values = {name: getattr(row, name) for name in COLUMNS if name not in {"at", "count"}}
    # A row of SQLAlchemy has a method of the name `count`.
    return Record(at=row.at, count=row._mapping["count"], **values)  # noqa: SLF001 - public


def _counted(call: CountedCall, count: int) -> Record:
    return Record(
        at=call.minute,
        actor=call.actor,
        action=call.action,
        target=call.target,
        result=call.result,
        count=count,
    )
