"""MLflow's pages, and what only they ask for."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Body, Route
from penstock.gateway.proxy.routes.twins import V3, ajax

ROUTES = (
    *ajax(
        V3,
        """
            GET    /ui-telemetry
            POST   /ui-telemetry
        """,
    ),
    Route("GET", "/", Access.USER, Body.STREAM),
    Route("GET", "/static-files/{path:path}", Access.USER, Body.STREAM),
    Route("GET", "/build/{filename:path}", Access.USER, Body.STREAM),
    Route("GET", "/version", Access.USER),
    Route("GET", "/graphql", Access.USER),
    Route("POST", "/graphql", Access.USER),
)
