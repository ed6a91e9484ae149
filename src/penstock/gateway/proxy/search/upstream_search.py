"""Ask MLflow for one page of a search."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from penstock.errors import RequestRefused, UpstreamError
from penstock.gateway.proxy.upstream import Pace, Upstream

CLIENT_ERRORS = range(400, 500)


class UpstreamSearch:
    """Sends searches to MLflow; what MLflow refuses, its caller is told in MLflow's words."""

    def __init__(self, upstream: Upstream, *, seconds: float) -> None:
        self._upstream = upstream
        self._pace = Pace(seconds)

    async def get(self, path: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a search by query. Raises RequestRefused, UpstreamError."""
        query = urlencode(dict(arguments), doseq=True)
        return await self._send("GET", f"{path}?{query}" if query else path, None)

    async def post(self, path: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a search by a JSON body. Raises RequestRefused, UpstreamError."""
        return await self._send("POST", path, json.dumps(arguments).encode())

    async def _send(self, method: str, target: str, body: bytes | None) -> dict[str, Any]:
        headers = [] if body is None else [("content-type", "application/json")]
        async with self._upstream.send(
            method, target, pace=self._pace, headers=headers, body=body
        ) as answer:
            content = b"".join([chunk async for chunk in answer.chunks])
        document = _parse(content)
        if answer.status == HTTPStatus.OK and document is not None:
            return document
        if answer.status in CLIENT_ERRORS and document is not None:
            raise RequestRefused(
                answer.status,
                str(document.get("error_code", "BAD_REQUEST")),
                str(document.get("message", "MLflow refuses this search")),
            )
        raise UpstreamError(f"MLflow answers {answer.status} to a search")


def _parse(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
