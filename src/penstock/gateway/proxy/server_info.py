"""What clients ask of an MLflow server before they log in.

The gateway learns it from MLflow in the background and answers for it, so that no anonymous
request ever reaches MLflow.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import structlog

from penstock.errors import PenstockError, UpstreamError, UpstreamUnreachable
from penstock.gateway.proxy.upstream import Pace, Upstream

log = structlog.get_logger()

PATH = "/api/3.0/mlflow/server-info"
MAX_BYTES = 65_536
RETRY_SECONDS = 1.0
REFRESH_SECONDS = 60.0
PACE = Pace(10)


class ServerInfo:
    """MLflow's description of itself, as last learned."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._document: dict[str, Any] | None = None
        self._exists = True

    def get(self) -> dict[str, Any] | None:
        """Return what MLflow said, or None from a server too old to have this call.

        Raises UpstreamUnreachable as long as MLflow has not been heard of.
        """
        if self._document is None and self._exists:
            raise UpstreamUnreachable("MLflow has not answered yet")
        return self._document

    async def keep_learning(self) -> None:
        """Ask MLflow again and again, often until it has answered; runs until cancelled."""
        while True:
            try:
                await self._learn()
            except PenstockError as error:
                log.debug("server-info not learned", reason=str(error))
            known = self._document is not None or not self._exists
            await asyncio.sleep(REFRESH_SECONDS if known else RETRY_SECONDS)

    async def _learn(self) -> None:
        async with self._upstream.send("GET", PATH, pace=PACE) as answer:
            if answer.status == HTTPStatus.NOT_FOUND:
                self._exists = False
                return
            body = b""
            async for chunk in answer.chunks:
                body += chunk
                if len(body) > MAX_BYTES:
                    raise UpstreamError("server-info is longer than it can be")
        if answer.status == HTTPStatus.OK:
            self._document = _parse(body)
            self._exists = True


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UpstreamError("server-info is not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamError("server-info is not an object")
    return document
