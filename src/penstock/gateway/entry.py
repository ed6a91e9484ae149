"""The gateway's entry: every request passes here, and is refused unless a rule lets it in."""

import asyncio

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.errors import PenstockError, RequestRefused
from penstock.gateway.answers import as_refusal, failure, send_json, send_refusal, shutting_down
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.auth.proof import unauthenticated
from penstock.gateway.auth.subject import Subject
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Verdict, decide
from penstock.gateway.proxy.forward import Forwarder
from penstock.gateway.proxy.matcher import RouteTable
from penstock.gateway.proxy.origin import check_origin
from penstock.gateway.proxy.request_headers import check_header_size
from penstock.gateway.proxy.request_target import check_path, with_query
from penstock.gateway.proxy.route import Home, Route
from penstock.gateway.proxy.server_info import ServerInfo

log = structlog.get_logger()


class Entry:
    """Pure ASGI: check the request, find its route, identify, decide, then pass it on."""

    def __init__(
        self,
        table: RouteTable,
        authenticator: Authenticator,
        *,
        forwarder: Forwarder,
        server_info: ServerInfo,
        own_api: ASGIApp,
    ) -> None:
        self._table = table
        self._authenticator = authenticator
        self._forwarder = forwarder
        self._server_info = server_info
        self._own_api = own_api

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
            await self._answer_here(scope, receive, send, subject=subject)
        else:
            await self._forwarder.forward(scope, receive, send, route=match.route, target=target)

    async def _permit(self, scope: Scope, route: Route | None) -> Subject | None:
        """Return who calls, if they may. An unknown path wants a login like any other."""
        access = Access.USER if route is None else route.access
        if access is Access.ANYBODY:
            return None
        subject = await self._authenticator.identify(scope["headers"])
        verdict = decide(access, subject)
        if verdict is Verdict.UNAUTHENTICATED:
            raise unauthenticated("log in first: account name and password by HTTP Basic")
        if verdict is Verdict.FORBIDDEN:
            raise RequestRefused(
                403, "PERMISSION_DENIED", f"this is for {access.value}; ask one of them"
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

    async def _answer_here(
        self, scope: Scope, receive: Receive, send: Send, *, subject: Subject | None
    ) -> None:
        if scope["path"].endswith("/server-info"):
            document = self._server_info.get()
            if document is None:
                raise RequestRefused(404, "ENDPOINT_NOT_FOUND", "MLflow here has no server-info")
            await send_json(scope, send, document)
        else:
            # The server leaves the body out of an answer to HEAD.
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            own = {**scope, "method": method, "penstock.subject": subject}
            await self._own_api(own, receive, send)


class _Watch:
    """A `send` that remembers whether the answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)
