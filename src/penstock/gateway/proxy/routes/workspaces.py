"""Workspaces."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.routes.twins import V3, twins

ROUTES = (
    *twins(
        V3,
        """
            GET    /workspaces
            GET    /workspaces/{workspace_name}
        """,
    ),
    *twins(
        V3,
        """
            POST   /workspaces
            DELETE /workspaces/{workspace_name}
            PATCH  /workspaces/{workspace_name}
        """,
        access=Access.ADMINISTRATOR,
    ),
)
