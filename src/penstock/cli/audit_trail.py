"""The audit that `penstock audit` reads: a gateway's over HTTP, or a database's."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from penstock.cli.server import Server
from penstock.cli.workplace import open_workplace

if TYPE_CHECKING:
    from penstock.gateway.db.database import Database

PAGE_SIZE = 500

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are asked for; `target` and `action` may end in `*`."""

    actor: str | None = None
    target: str | None = None
    action: str | None = None
    since: datetime | None = None


class Trail(Protocol):
    """An audit, wherever it is kept. Raises PenstockError."""

    def read(self, wanted: Wanted, page_size: int) -> Iterator[Document]:
        """Yield records as the JSON objects of `/v1/audit`, the newest first, page by page."""


def open_trail(data: Path | None, uri: str | None) -> AbstractContextManager[Trail]:
    """Open the audit of a data folder, or of the gateway of `--uri` or the settings."""
    return open_workplace(data, uri, remote=_Remote, local=_Local)


class _Remote:
    def __init__(self, server: Server) -> None:
        self._server = server

    def read(self, wanted: Wanted, page_size: int) -> Iterator[Document]:
        arguments = {
            "actor": wanted.actor,
            "target": wanted.target,
            "action": wanted.action,
            "since": None if wanted.since is None else wanted.since.isoformat(),
            "page_size": str(page_size),
        }
        given = {name: value for name, value in arguments.items() if value is not None}
        while True:
            query = urlencode(given, quote_via=quote)
            page = self._server.call("GET", f"/v1/audit?{query}")
            yield from page["data"]
            if page["next_page_token"] is None:
                return
            given["page_token"] = page["next_page_token"]


class _Local:
    def __init__(self, database: "Database") -> None:
        self._database = database

    def read(self, wanted: Wanted, page_size: int) -> Iterator[Document]:
        from penstock.gateway.db.audit import AuditQuery, list_records  # noqa: PLC0415 - extra

        before: int | None = None
        while True:
            query = AuditQuery(
                wanted.actor, wanted.target, wanted.action, wanted.since, before, page_size
            )
            with self._database.reading() as connection:
                page = list_records(connection, query)
            yield from (_as_document(*one) for one in page)
            if len(page) < page_size:
                return
            before = page[-1][0]


def _as_document(record_id: int, record: Any) -> Document:  # noqa: ANN401 - a type of the extra
    return {
        "id": record_id,
        "at": record.at.isoformat().replace("+00:00", "Z"),
        "actor": record.actor,
        "action": record.action,
        "target": record.target,
        "address": record.address,
        "request_id": record.request_id,
        "result": record.result,
        "detail": json.loads(record.detail) if record.detail else {},
        "count": record.count,
    }
