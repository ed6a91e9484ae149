"""Workspaces, which the gateway does not use: grants separate teams."""

from penstock.gateway.proxy.routes.twins import V3, administrators, twins

WORKSPACE = administrators("grants know no workspaces")

ROUTES = (
    *twins(V3, "GET    /workspaces", WORKSPACE),
    *twins(V3, "GET    /workspaces/{workspace_name}", WORKSPACE),
    *twins(V3, "POST   /workspaces", WORKSPACE),
    *twins(V3, "DELETE /workspaces/{workspace_name}", WORKSPACE),
    *twins(V3, "PATCH  /workspaces/{workspace_name}", WORKSPACE),
)
