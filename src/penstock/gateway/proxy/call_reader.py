"""Read a request into a call."""

from collections.abc import Container
from dataclasses import replace

from starlette.types import Receive, Scope

from penstock.errors import RequestRefused
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.matcher import Match
from penstock.gateway.proxy.request_body import BodyReader, has_body
from penstock.gateway.proxy.request_target import parse_query
from penstock.gateway.proxy.route import Body, Route


class CallReader:
    """Reads calls, their bodies too unless those are streamed."""

    def __init__(self, bodies: BodyReader) -> None:
        self._bodies = bodies

    async def read(
        self, scope: Scope, receive: Receive, *, match: Match, subject: Subject, target: str
    ) -> Call:
        """Return the call. Raises RequestRefused for a body that is refused."""
        headers, route = scope["headers"], match.route
        if scope["method"] in {"GET", "HEAD"} and has_body(headers):
            # MLflow takes a message from the body of a GET without arguments, and of each HEAD.
            raise RequestRefused(400, "BAD_REQUEST", "a GET must not have a body here")
        query = parse_query(scope["query_string"])
        call = Call(
            route,
            scope["method"],
            _served(route, target, {name for name, _ in query}),
            subject,
            headers=headers,
            query=query,
            parameters=match.parameters,
        )
        if not has_body(headers) or route.body is Body.STREAM:
            return call
        if route.body is Body.BOUNDED:
            return replace(call, body=await self._bodies.read(headers, receive))
        return replace(call, document=await self._bodies.read_document(headers, receive))


def _served(route: Route, target: str, names: Container[str]) -> str:
    """Return path and query that go on: the caller's, or MLflow's own path for the same."""
    if not route.served_at:
        return target
    _, mark, query = target.partition("?")
    if route.default is not None and route.default[0] not in names:
        given = "=".join(route.default)
        return f"{route.served_at}?{query}&{given}" if query else f"{route.served_at}?{given}"
    return route.served_at + mark + query
