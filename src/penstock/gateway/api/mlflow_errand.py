"""Calls of MLflow that a call of `/v1` is made of.

Each goes the way of a caller's own call to that route: it is judged by the caller's grants,
rewritten, forwarded, and followed up. Nothing is decided here.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from starlette.types import Message, Receive, Scope

from penstock.errors import RequestRefused, UpstreamError, UpstreamTimeout
from penstock.gateway.api.mlflow_refusal import refusal_of
from penstock.gateway.mlflow_calls import MlflowCalls
from penstock.gateway.own_request import subject_of
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.call_reader import CallReader
from penstock.gateway.proxy.matcher import Match, RouteTable
from penstock.gateway.proxy.request_target import with_query
from penstock.gateway.settings import GatewaySettings

V2: Final = "/api/2.0/mlflow"

PASSED_ON: Final = frozenset({b"traceparent", b"tracestate", b"user-agent"})
"""Headers of the caller's that hold for what is done in their name."""

OK: Final = 200


@dataclass(frozen=True, slots=True)
class MlflowErrands:
    """What errands need; lives as long as the app."""

    table: RouteTable
    reader: CallReader
    mlflow: MlflowCalls
    settings: GatewaySettings

    def find(self, method: str, path: str) -> Match:
        """Return the row of a call that grants decide about; any other is a mistake here."""
        match = self.table.find(method, path)
        if match is None or match.route.access is not Access.GRANTED:
            raise AssertionError(f"{method} {path} is no call that grants decide about")
        return match


@dataclass(frozen=True, slots=True)
class Errand:
    """Calls MLflow in the name of who made one request.

    All raise RequestRefused, with the status that the refusal has on `/v1`, and UpstreamError.
    """

    errands: MlflowErrands
    scope: Scope

    @property
    def subject(self) -> Subject:
        """In whose name."""
        return subject_of(self.scope)

    async def get(self, path: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Return the JSON of an answer to a query."""
        return _parse(
            await self.fetch(path, arguments, most_bytes=self.errands.settings.max_body_bytes)
        )

    async def post(self, path: str, document: Mapping[str, object]) -> dict[str, Any]:
        """Return the JSON of an answer to a JSON body."""
        body = json.dumps(document).encode("ascii")
        return _parse(
            await self._send("POST", path, body=body, most=self.errands.settings.max_body_bytes)
        )

    async def fetch(self, path: str, arguments: Mapping[str, object], *, most_bytes: int) -> bytes:
        """Return the bytes of an answer to a query, 413 where there are more than these."""
        query = urlencode(arguments, doseq=True).encode("ascii")
        return await self._send("GET", path, query=query, most=most_bytes)

    async def _send(
        self, method: str, path: str, *, query: bytes = b"", body: bytes = b"", most: int
    ) -> bytes:
        errands, reply = self.errands, _Reply(most)
        match, seconds = errands.find(method, path), errands.settings.upstream_seconds
        scope = self._scope(method, path, query=query, body=body)
        try:
            async with asyncio.timeout(seconds):
                call = await errands.reader.read(
                    scope,
                    _whole(body),
                    match=match,
                    subject=self.subject,
                    target=with_query(path, query),
                )
                await errands.mlflow.answer_part(scope, _whole(body), reply, call=call)
        except TimeoutError as error:
            raise UpstreamTimeout(f"MLflow did not answer within {seconds:g} seconds") from error
        return reply.content()

    def _scope(self, method: str, path: str, *, query: bytes, body: bytes) -> Scope:
        headers = [pair for pair in self.scope["headers"] if pair[0] in PASSED_ON]
        if body:
            headers.append((b"content-type", b"application/json"))
            headers.append((b"content-length", str(len(body)).encode("ascii")))
        return {
            **self.scope,
            "method": method,
            "path": path,
            "raw_path": path.encode("ascii"),
            "query_string": query,
            "headers": headers,
            # A caller who leaves ends no errand: what MLflow has done is followed up.
            "extensions": {},
        }


def errand_of(request: Request) -> Errand:
    """Return the errand of one request."""
    return Errand(request.app.state.errands, request.scope)


class _Reply:
    """A `send` that keeps the answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._status = 0
        self._body = bytearray()
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            return
        self._body += message.get("body", b"")
        self._is_whole = not message.get("more_body", False)
        if len(self._body) > self._most:
            raise RequestRefused(
                413, "RESOURCE_EXHAUSTED", f"MLflow's answer is larger than {self._most} bytes"
            )

    def content(self) -> bytes:
        """Return the body of a success. Raises RequestRefused, UpstreamError."""
        if not self._is_whole:
            raise UpstreamError("MLflow broke off in the middle of its answer")
        if self._status != OK:
            raise refusal_of(self._status, bytes(self._body))
        return bytes(self._body)


def _whole(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _parse(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UpstreamError("MLflow's answer is not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamError("MLflow's answer is not an object")
    return document
