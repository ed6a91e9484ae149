"""Ask MLflow something as the gateway itself."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from penstock.errors import UpstreamError
from penstock.gateway.proxy.upstream import Pace, Upstream

V2 = "/api/2.0/mlflow"
V3 = "/api/3.0/mlflow"
UNKNOWN = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})
"""What MLflow says of an id or a name that it does not know, or does not take for one."""


class Questions:
    """Sends MLflow questions that change nothing."""

    def __init__(self, upstream: Upstream, *, seconds: float) -> None:
        self._upstream = upstream
        self._pace = Pace(seconds)

    async def get(
        self, path: str, arguments: Mapping[str, str | Sequence[str]] | None = None
    ) -> dict[str, Any] | None:
        """Return the answer, or None where MLflow knows no such thing. Raises UpstreamError."""
        query = urlencode(arguments or {}, doseq=True)
        return await self._ask("GET", f"{path}?{query}" if query else path)

    async def post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """Ask by a JSON body; otherwise as `get`."""
        return await self._ask("POST", path, body=json.dumps(document).encode("ascii"))

    async def _ask(
        self, method: str, target: str, *, body: bytes | None = None
    ) -> dict[str, Any] | None:
        headers = [] if body is None else [("content-type", "application/json")]
        async with self._upstream.send(
            method, target, pace=self._pace, headers=headers, body=body
        ) as answer:
            content = b"".join([chunk async for chunk in answer.chunks])
        if answer.status in UNKNOWN:
            return None
        if answer.status != HTTPStatus.OK:
            raise UpstreamError(f"MLflow answers {answer.status} to a question of the gateway's")
        return _parse(content)


def _parse(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UpstreamError("MLflow's answer to the gateway is not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamError("MLflow's answer to the gateway is not an object")
    return document
