"""Jobs on the server, and the demonstration data: administrators alone."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.routes.twins import V3, ajax

ROUTES = (
    *ajax(
        "3.0",
        """
            POST   /jobs/
            PATCH  /jobs/cancel/{job_id}
            POST   /jobs/search
            GET    /jobs/{job_id}
        """,
        access=Access.ADMINISTRATOR,
    ),
    *ajax(
        V3,
        """
            POST   /demo/delete
            POST   /demo/generate
            PATCH  /jobs/cancel/{job_id}
            GET    /jobs/{job_id}
        """,
        access=Access.ADMINISTRATOR,
    ),
)
