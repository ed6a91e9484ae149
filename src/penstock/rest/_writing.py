from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from penstock.errors import ConfigurationError, TransportError

if TYPE_CHECKING:
    from penstock.rest._connection import Connection
    from penstock.rest.spool.folder import SpoolFolder
    from penstock.rest.writer.journal_like import JournalOpener
    from penstock.rest.writer.refused_item import RefusedItem
    from penstock.rest.writer.writer import MetricWriter

FLUSH_TIMEOUT = 30.0
QUEUE_SIZE = 100_000

Spool = str | os.PathLike[str] | None


class Writing:
    """Logging in the background for one client: its writer is made when it is first needed.

    In the child of a fork that is another one than in the parent.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        spool: Spool = None,
        flush_timeout: float = FLUSH_TIMEOUT,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        if not flush_timeout >= 0:
            raise ConfigurationError("flush_timeout must be 0 seconds or more")
        if queue_size < 1:
            raise ConfigurationError("queue_size must be 1 item or more")
        self._connection = connection
        self._flush_timeout = flush_timeout
        self._queue_size = queue_size
        self._folder = None if spool is None else _make_folder(spool)
        self._writer: MetricWriter | None = None
        self._is_closed = False

    @property
    def refused(self) -> list[RefusedItem]:
        """Return the latest items that the server refused, the latest last."""
        writer = self._find()
        return [] if writer is None else writer.refused

    def writer(self) -> MetricWriter | None:
        """Return what writes in the background; None when the process ends, and nothing does."""
        writer = self._find() or self._make()
        return None if writer.is_too_late else writer

    def flush(self, run_id: str | None = None) -> None:
        """Return when the server has all that was taken so far. Raises Unsent."""
        writer = self._find()
        if writer is not None:
            writer.flush(run_id)

    def note_tag(self, run_id: str, key: str) -> None:
        """Have a spool send no older value of a tag that was just written at once."""
        if self._folder is not None:
            (self._find() or self._make()).note_tag(run_id, key)

    def close(self) -> None:
        """Send what there is as long as the server takes it; log how many items are left."""
        self._is_closed = True
        writer = self._find()
        if writer is not None:
            writer.leave()

    def _find(self) -> MetricWriter | None:
        writer = self._writer
        return None if writer is None or writer.is_foreign else writer

    def _make(self) -> MetricWriter:
        if self._is_closed:
            raise TransportError("this client has been closed; make a new one")
        # A client that writes nothing in the background does not pay for it. All that the
        # background thread needs is imported here: a fork in the middle of an import would leave
        # the child with half a module.
        from penstock.rest import _channel  # noqa: F401, PLC0415
        from penstock.rest._api import Api  # noqa: PLC0415
        from penstock.rest._http_library import load_http_library  # noqa: PLC0415
        from penstock.rest.writer.backlog import Backlog  # noqa: PLC0415
        from penstock.rest.writer.exits import EXITS  # noqa: PLC0415
        from penstock.rest.writer.writer import MetricWriter  # noqa: PLC0415

        load_http_library()
        with EXITS.lock:
            writer = self._find()
            if writer is None:
                api = Api(self._connection._replace(retries=0))
                writer = self._writer = MetricWriter(
                    api.post,
                    Backlog(limit=self._queue_size, open_journal=self._opener()),
                    flush_timeout=self._flush_timeout,
                    hang_up=api.close,
                )
            return writer

    def _opener(self) -> JournalOpener | None:
        folder, uri = self._folder, self._connection.base_url
        if folder is None:
            return None
        from penstock.rest.spool.journal import Journal  # noqa: PLC0415 - only where wanted

        return lambda: Journal(folder, uri)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_writer": None}


def _make_folder(path: str | os.PathLike[str]) -> SpoolFolder:
    from penstock.rest.spool.folder import SpoolFolder  # noqa: PLC0415 - only where wanted

    folder = SpoolFolder(path)
    folder.make()
    return folder
