"""Carry out calls to MLflow that have been decided on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from starlette.types import Receive, Scope, Send

from penstock.errors import PenstockError, UpstreamError
from penstock.gateway.answers import as_refusal, send_json
from penstock.gateway.audit.journal import Journal
from penstock.gateway.judge import Judge
from penstock.gateway.permissions.change import Change
from penstock.gateway.permissions.reference import Reference
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.forward import Forwarder, See
from penstock.gateway.proxy.json_body import write_body
from penstock.gateway.visit import Visit

MOST_NAMED = 20
"""References that the audit names."""


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
        self,
        judge: Judge,
        forwarder: Forwarder,
        *,
        searcher: Searcher,
        keeper: Keeper,
        journal: Journal,
    ) -> None:
        self._judge = judge
        self._forwarder = forwarder
        self._searcher = searcher
        self._keeper = keeper
        self._journal = journal

    async def answer(
        self, scope: Scope, receive: Receive, send: Send, *, call: Call, visit: Visit
    ) -> None:
        """Answer one call, and write it down if it writes.

        Raises like Judge.judge and Forwarder.forward.
        """
        references = await self._judge.judge(call)
        action = call.route.action
        if action is Action.READ:
            await self._carry_out(scope, receive, send, call=call)
            return
        trail, target = visit.trail(self._journal), _named(call, references)
        record_id = await trail.begin(target) if action is Action.WRITE else None
        status: int | None = None  # stays so when the gateway ends before MLflow answers
        try:
            status = await self._carry_out(scope, receive, send, call=call)
        except PenstockError as error:
            status = as_refusal(error).status
            raise
        finally:
            if status is not None and record_id is not None:
                trail.end(record_id, status)
            elif status is not None:
                trail.count(target, status)

    async def answer_part(self, scope: Scope, receive: Receive, send: Send, *, call: Call) -> None:
        """Answer one call that is a part of another, which is written down as a whole.

        Raises like `answer`.
        """
        await self._judge.judge(call)
        await self._carry_out(scope, receive, send, call=call)

    async def _carry_out(self, scope: Scope, receive: Receive, send: Send, *, call: Call) -> int:
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


def _named(call: Call, references: Sequence[Reference]) -> str:
    """Return what a call is about, for the audit; without references the path says it."""
    return ", ".join(map(str, references[:MOST_NAMED])) or call.target.partition("?")[0]


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise UpstreamError("MLflow's answer is not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamError("MLflow's answer is not an object")
    return document
