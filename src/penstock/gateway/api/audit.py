"""The audit, for administrators."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from penstock.gateway.api.envelope import Success
from penstock.gateway.api.parameters import bad_request
from penstock.gateway.db.audit import AuditQuery, list_records
from penstock.gateway.db.audit_record import Record
from penstock.gateway.own_request import parts_of

router = APIRouter(tags=["Audit"])

MAX_ID = 2**63 - 1


class AuditRecord(BaseModel):
    """One record. `result` is a status, or `unknown` for a write whose end nobody wrote down.

    `count` is more than 1 for calls that are counted by the minute.
    """

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    address: str
    request_id: str
    result: str
    detail: dict[str, Any]
    count: int

    @classmethod
    def of(cls, record_id: int, record: Record) -> "AuditRecord":
        """Return a record as it is listed."""
        return cls(
            id=record_id,
            at=record.at,
            actor=record.actor,
            action=record.action,
            target=record.target,
            address=record.address,
            request_id=record.request_id,
            result=record.result,
            detail=json.loads(record.detail) if record.detail else {},
            count=record.count,
        )


class AuditPage(Success):
    """Records, the newest first; the next page's token is null on the last one."""

    data: list[AuditRecord]
    next_page_token: str | None


@router.get("/v1/audit")
async def list_audit(  # noqa: PLR0913 - one for each filter
    request: Request,
    *,
    actor: str | None = None,
    target: str | None = None,
    action: str | None = None,
    since: str | None = None,
    page_token: str | None = None,
    page_size: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """Return who did what, when, from where, with which result.

    `target` and `action` may end in `*`; `since` is a moment of ISO 8601, or seconds since 1970.
    """
    query = AuditQuery(
        actor=actor,
        target=target,
        action=action,
        since=None if since is None else read_moment(since),
        before=None if page_token is None else _read_token(page_token),
        limit=page_size + 1,
    )

    def read() -> list[tuple[int, Record]]:
        with parts_of(request).database.reading() as connection:
            return list_records(connection, query)

    found = await run_in_threadpool(read)
    page = found[:page_size]
    more = len(found) > page_size
    return AuditPage(
        data=[AuditRecord.of(*one) for one in page],
        next_page_token=str(page[-1][0]) if more else None,
    )


def read_moment(text: str) -> datetime:
    """Return a moment in UTC. Raises RequestRefused (400)."""
    try:
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(text), UTC)
        # An unescaped `+` of an offset arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise bad_request("since must be a moment such as 2026-01-31T12:00:00Z") from None


def _read_token(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:20]) <= MAX_ID:
        raise bad_request("page_token is none of ours; begin with the first page")
    return int(text)
