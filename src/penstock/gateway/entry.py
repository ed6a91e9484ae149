"""The gateway's entry: every request passes here, and is refused unless a rule lets it in."""

import asyncio

import structlog
from starlette.types import Message, Receive, Scope, Send

from penstock.errors import PenstockError, RequestRefused
from penstock.gateway.answers import as_refusal, failure, send_refusal, shutting_down
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.auth.proof import unauthenticated
from penstock.gateway.mlflow_calls import MlflowCalls
from penstock.gateway.own_calls import OwnCalls
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Verdict, decide_access
from penstock.gateway.permissions.subject import Subject, TokenScope
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.call_reader import CallReader
from penstock.gateway.proxy.matcher import RouteTable
from penstock.gateway.proxy.origin import check_origin
from penstock.gateway.proxy.request_headers import check_header_size
from penstock.gateway.proxy.request_target import check_path, with_query
from penstock.gateway.proxy.route import Home, Route

log = structlog.get_logger()

LOG_IN = "log in first: account name and password by HTTP Basic"


class Entry:
    """Pure ASGI: check the request, find its route, identify, decide, then pass it on."""

    def __init__(
        self,
        table: RouteTable,
        authenticator: Authenticator,
        *,
        reader: CallReader,
        mlflow: MlflowCalls,
        own: OwnCalls,
    ) -> None:
        self._table = table
        self._authenticator = authenticator
        self._reader = reader
        self._mlflow = mlflow
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        answered = _Watch(send)
        try:
            await self._answer(scope, receive, answered)
        except PenstockError as error:
            refusal = as_refusal(error)
            if refusal is not error:
                log.warning("request failed", path=scope["path"], reason=str(error))
            if not answered.begun:
                await send_refusal(scope, send, refusal)
        except asyncio.CancelledError:
            # The server shuts down and has waited for this request long enough.
            if not answered.begun:
                await send_refusal(scope, send, shutting_down())
        except Exception:
            # A defect of the gateway's own: the server logs it and breaks the connection.
            if not answered.begun:
                await send_refusal(scope, send, failure())
            raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        check_header_size(headers)
        path = check_path(scope["raw_path"])
        target = with_query(path, scope["query_string"])
        check_origin(scope["method"], headers)
        match = self._table.find(scope["method"], path)
        subject = await self._permit(scope, match.route if match else None)
        if match is None:
            raise self._unknown(scope["method"], path)
        if match.route.home is Home.GATEWAY:
            await self._own.answer(scope, receive, send, subject=subject)
            return
        if subject is None:
            raise unauthenticated(LOG_IN)
        call = await self._reader.read(scope, receive, match=match, subject=subject, target=target)
        await self._mlflow.answer(scope, receive, send, call=call)

    async def _permit(self, scope: Scope, route: Route | None) -> Subject | None:
        """Return who calls, if they may. An unknown path wants a login like any other."""
        access = Access.USER if route is None else route.access
        if access is Access.ANYBODY:
            return None
        subject = await self._authenticator.identify(scope["headers"])
        verdict = decide_access(access, subject)
        if verdict is Verdict.UNAUTHENTICATED:
            raise unauthenticated(LOG_IN)
        if verdict is Verdict.FORBIDDEN:
            raise RequestRefused(
                403, "PERMISSION_DENIED", f"this is for {access.value}; ask one of them"
            )
        if subject is not None and route is not None and not _may_write(subject, route):
            raise RequestRefused(
                403, "PERMISSION_DENIED", f"the token '{subject.token_name}' is for reading alone"
            )
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


def _may_write(subject: Subject, route: Route) -> bool:
    return route.action is Action.READ or subject.token_scope is TokenScope.WRITE


class _Watch:
    """A `send` that remembers whether the answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)
