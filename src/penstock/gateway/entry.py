"""The gateway's entry: every request passes here, and is refused unless a rule lets it in."""

import asyncio
import time
from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from penstock.errors import AccessRefused, PenstockError, RequestRefused
from penstock.gateway.answers import failure, send_refusal, shutting_down
from penstock.gateway.arrival import arrive
from penstock.gateway.audit.journal import Journal
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.auth.proof import unauthenticated
from penstock.gateway.metrics import Metrics
from penstock.gateway.mlflow_calls import MlflowCalls
from penstock.gateway.navigation import for_browser, is_navigation, to_login
from penstock.gateway.networks import Network
from penstock.gateway.own_calls import OwnCalls
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Verdict, decide_access
from penstock.gateway.permissions.subject import Subject, TokenScope
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.call_reader import CallReader
from penstock.gateway.proxy.matcher import RouteTable
from penstock.gateway.proxy.origin import check_origin, check_session_origin
from penstock.gateway.proxy.request_headers import check_header_size
from penstock.gateway.proxy.request_target import check_path, with_query
from penstock.gateway.proxy.route import Body, Home, Route
from penstock.gateway.reply import Reply
from penstock.gateway.visit import Visit

LOG_IN = "log in first: with a token as Bearer, or account name and password by HTTP Basic"


class Entry:
    """Pure ASGI: check the request, find its route, identify, decide, then pass it on.

    `trusted` are the networks of the proxies in front.
    """

    def __init__(  # noqa: PLR0913 - the way of a request passes them all
        self,
        table: RouteTable,
        authenticator: Authenticator,
        *,
        reader: CallReader,
        mlflow: MlflowCalls,
        own: OwnCalls,
        journal: Journal,
        metrics: Metrics,
        trusted: Sequence[Network] = (),
        is_https: bool = False,
    ) -> None:
        self._table = table
        self._authenticator = authenticator
        self._reader = reader
        self._mlflow = mlflow
        self._own = own
        self._journal = journal
        self._metrics = metrics
        self._trusted = trusted
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        arrival = arrive(scope, self._trusted, is_https=self._is_https)
        visit = Visit(arrival, time.perf_counter())
        reply = Reply(send, visit.arrival)
        try:
            await self._answer(scope, receive, reply, visit=visit)
        except PenstockError as error:
            refusal = visit.refusal_of(error)
            if isinstance(refusal, AccessRefused):
                visit.note(refusal, self._journal, self._metrics)
            if not reply.begun:
                await _refuse(scope, reply, refusal)
        except asyncio.CancelledError:
            # The server shuts down and has waited for this request long enough.
            if not reply.begun:
                await send_refusal(scope, reply, shutting_down())
        except Exception:
            # A defect of the gateway's own: the server logs it and breaks the connection.
            if not reply.begun:
                await send_refusal(scope, reply, failure())
            raise
        finally:
            if reply.status is not None:
                visit.measure(self._metrics, reply.status)

    async def _answer(self, scope: Scope, receive: Receive, reply: Reply, *, visit: Visit) -> None:
        headers = scope["headers"]
        check_header_size(headers)
        path = check_path(scope["raw_path"])
        target = with_query(path, scope["query_string"])
        check_origin(scope["method"], headers)
        match = self._table.find(scope["method"], path)
        visit.route = match.route if match else None
        visit.subject = await self._identify(scope, visit)
        _permit(visit.subject, visit.route)
        if match is None:
            raise self._unknown(scope["method"], path)
        if match.route.home is not Home.MLFLOW:
            await self._own.answer(scope, receive, reply, visit=visit)
            return
        if visit.subject is None:
            raise unauthenticated(LOG_IN)
        reply.is_sandboxed = _is_uploaded(match.route)
        call = await self._reader.read(
            scope, receive, match=match, subject=visit.subject, target=target
        )
        await self._mlflow.answer(scope, receive, reply, call=call, visit=visit)

    async def _identify(self, scope: Scope, visit: Visit) -> Subject | None:
        """Return who calls, if that matters. An unknown path wants a login like any other."""
        if visit.route is not None and visit.route.access is Access.ANYBODY:
            return None
        headers, arrival = scope["headers"], visit.arrival
        subject = await self._authenticator.identify(
            headers, address=arrival.address, is_https=arrival.is_https
        )
        if subject is not None and subject.by_session:
            check_session_origin(scope["method"], headers)
        return subject

    def _unknown(self, method: str, path: str) -> RequestRefused:
        methods = self._table.methods(path)
        if methods:
            return RequestRefused(
                405,
                "ENDPOINT_NOT_FOUND",
                f"{method} is not allowed here; allowed: {', '.join(methods)}",
                headers={"Allow": ", ".join(methods)},
            )
        return RequestRefused(404, "ENDPOINT_NOT_FOUND", "there is no such endpoint")


def _permit(subject: Subject | None, route: Route | None) -> None:
    """Refuse who may not call a route at all; grants are asked after that."""
    access = Access.USER if route is None else route.access
    verdict = decide_access(access, subject)
    if verdict is Verdict.UNAUTHENTICATED:
        raise unauthenticated(LOG_IN)
    if verdict is Verdict.FORBIDDEN:
        raise AccessRefused(
            403, "PERMISSION_DENIED", f"this is for {access.value}; ask one of them"
        )
    if subject is not None and route is not None and not _may_write(subject, route):
        raise AccessRefused(
            403,
            "PERMISSION_DENIED",
            f"the token '{subject.token_name}' is for reading alone",
            target=f"token:{subject.token_name}",
        )


def _may_write(subject: Subject, route: Route) -> bool:
    return route.action is Action.READ or subject.token_scope is TokenScope.WRITE


def _is_uploaded(route: Route) -> bool:
    return route.body is Body.STREAM and route.access is Access.GRANTED


async def _refuse(scope: Scope, reply: Reply, refusal: RequestRefused) -> None:
    if refusal.status == 401:  # noqa: PLR2004 - the one status that a login mends
        if is_navigation(scope):
            await to_login(scope, reply)
            return
        refusal = for_browser(refusal, scope["headers"])
    await send_refusal(scope, reply, refusal)
