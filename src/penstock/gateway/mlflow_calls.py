"""Carry out calls to MLflow that have been decided on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol

from starlette.types import Receive, Scope, Send

from penstock.errors import PenstockError, RequestRefused, UpstreamError
from penstock.gateway.answers import as_refusal, send_json
from penstock.gateway.audit.journal import Journal
from penstock.gateway.db.follow_ups import FollowUp
from penstock.gateway.judge import Judge
from penstock.gateway.permissions.change import Change
from penstock.gateway.permissions.reference import Reference
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.forward import Forwarder, See
from penstock.gateway.proxy.json_body import write_body
from penstock.gateway.proxy.route import Sift
from penstock.gateway.proxy.targets.changes import completed
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


class FollowUps(Protocol):
    """Lets the grants follow what MLflow does."""

    async def promise(self, subject: Subject, change: Change) -> FollowUp:
        """Store what is to follow. Raises DatabaseUnavailable, UpstreamError."""
        ...

    async def keep(self, promised: FollowUp, change: Change) -> None:
        """Carry over what has happened."""
        ...

    async def drop(self, promised: FollowUp) -> None:
        """Forget what MLflow has refused."""
        ...


class MlflowCalls:
    """Rewrites, forwards, and sees to what follows."""

    def __init__(
        self,
        judge: Judge,
        forwarder: Forwarder,
        *,
        searcher: Searcher,
        follow_ups: FollowUps,
        journal: Journal,
    ) -> None:
        self._judge = judge
        self._forwarder = forwarder
        self._searcher = searcher
        self._follow_ups = follow_ups
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
        if duties.foresee is not None:
            change = duties.foresee(call)
            return await self._carry_out_change(scope, receive, send, call=call, change=change)
        see = None if duties.sift is None else self._sifter(call, duties.sift)
        return await self._forwarder.forward(scope, receive, send, call=call, see=see)

    async def _carry_out_change(
        self, scope: Scope, receive: Receive, send: Send, *, call: Call, change: Change
    ) -> int:
        """Forward a call after which grants change; what is left of it here is settled later."""
        promised = await self._follow_ups.promise(call.subject, change)

        async def see(body: bytes) -> bytes:
            await self._follow_ups.keep(promised, completed(change, _document(body)))
            return body

        status: int | None = None  # stays so where nobody knows what MLflow does in the end
        try:
            status = await self._forwarder.forward(scope, receive, send, call=call, see=see)
        except RequestRefused as error:
            status = error.status
            raise
        finally:
            if (
                status is not None
                and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
            ):
                await self._follow_ups.drop(promised)
        return status

    def _sifter(self, call: Call, sift: Sift) -> See:
        async def see(body: bytes) -> bytes:
            scope = await self._judge.scope_of(call.subject)
            return write_body(dict(sift(_document(body), scope)))

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
