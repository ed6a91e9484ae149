"""Carry out calls to MLflow that have been decided on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from starlette.types import Receive, Scope, Send

from penstock.errors import UpstreamError
from penstock.gateway.answers import send_json
from penstock.gateway.judge import Judge
from penstock.gateway.permissions.change import Change
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.forward import Forwarder, See
from penstock.gateway.proxy.json_body import write_body


class Searcher(Protocol):
    """Answers the searches."""

    async def search(self, call: Call) -> dict[str, Any]:
        """Return MLflow's answer to a search, with what the caller may read alone.

        Raises RequestRefused, UpstreamError.
        """
        ...


class Keeper(Protocol):
    """Keeps the grants in step with MLflow."""

    async def keep(self, subject: Subject, changes: Sequence[Change]) -> None:
        """Carry changes over into the grants. Raises DatabaseUnavailable."""
        ...


class MlflowCalls:
    """Rewrites, forwards, and sees to what follows."""

    def __init__(
        self, judge: Judge, forwarder: Forwarder, *, searcher: Searcher, keeper: Keeper
    ) -> None:
        self._judge = judge
        self._forwarder = forwarder
        self._searcher = searcher
        self._keeper = keeper

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, call: Call) -> int:
        """Answer one call and return the status. Raises like Judge.judge and Forwarder.forward."""
        await self._judge.judge(call)
        duties = call.route.duties
        if duties.search is not None and not call.subject.is_admin:
            await send_json(scope, send, await self._searcher.search(call))
            return 200
        if duties.rewrite is not None:
            call = replace(call, document=duties.rewrite(call))
        see = self._seer(call) if duties.aftermath is not None or duties.sift is not None else None
        return await self._forwarder.forward(scope, receive, send, call=call, see=see)

    def _seer(self, call: Call) -> See:
        duties = call.route.duties

        async def see(body: bytes) -> bytes:
            document = _document(body)
            if duties.aftermath is not None:
                await self._keeper.keep(call.subject, duties.aftermath(call, document))
            if duties.sift is None:
                return body
            scope = await self._judge.scope_of(call.subject)
            return write_body(dict(duties.sift(document, scope)))

        return see


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise UpstreamError("MLflow's answer is not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamError("MLflow's answer is not an object")
    return document
