"""Answer the calls whose home is the gateway itself."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.errors import RequestRefused
from penstock.gateway.answers import send_json
from penstock.gateway.own_request import handed_on
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.server_info import ServerInfo
from penstock.gateway.visit import Visit

SERVER_INFO: Final = "/mlflow/server-info"
"""The end of the rows that are answered in MLflow's place."""


class OwnCalls:
    """The gateway's own API and pages, and what it answers in MLflow's place."""

    def __init__(self, api: ASGIApp, web: ASGIApp, server_info: ServerInfo) -> None:
        self._api = api
        self._web = web
        self._server_info = server_info

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, visit: Visit) -> None:
        """Answer one call that has found its row. Raises PenstockError, before the answer."""
        route = visit.route
        if route is not None and route.path.endswith(SERVER_INFO):
            await send_json(scope, send, self._known_info())
            return
        is_page = route is not None and route.home is Home.PAGES
        await (self._web if is_page else self._api)(handed_on(scope, visit), receive, send)

    def _known_info(self) -> dict[str, object]:
        document = self._server_info.get()
        if document is None:
            raise RequestRefused(404, "ENDPOINT_NOT_FOUND", "MLflow here has no server-info")
        return document
