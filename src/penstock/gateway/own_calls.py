"""Answer the calls whose home is the gateway itself."""

from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.errors import RequestRefused
from penstock.gateway.answers import send_json
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.server_info import ServerInfo
from penstock.gateway.visit import Visit


class OwnCalls:
    """The gateway's own API and pages, and what it answers in MLflow's place."""

    def __init__(self, api: ASGIApp, web: ASGIApp, server_info: ServerInfo) -> None:
        self._api = api
        self._web = web
        self._server_info = server_info

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, visit: Visit) -> None:
        """Answer one call. Raises PenstockError, before the answer has begun."""
        if scope["path"].endswith("/server-info"):
            document = self._server_info.get()
            if document is None:
                raise RequestRefused(404, "ENDPOINT_NOT_FOUND", "MLflow here has no server-info")
            await send_json(scope, send, document)
            return
        # The server leaves the body out of an answer to HEAD.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        own = {
            **scope,
            "method": method,
            "penstock.subject": visit.subject,
            "penstock.visit": visit,
        }
        is_page = visit.route is not None and visit.route.home is Home.PAGES
        await (self._web if is_page else self._api)(own, receive, send)
