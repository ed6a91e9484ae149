"""Webhooks: MLflow calls an address that the caller names, so administrators alone."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.routes.twins import V2, twins

ROUTES = (
    *twins(
        V2,
        """
            GET    /webhooks
            POST   /webhooks
            DELETE /webhooks/{webhook_id}
            GET    /webhooks/{webhook_id}
            PATCH  /webhooks/{webhook_id}
            POST   /webhooks/{webhook_id}/test
        """,
        access=Access.ADMINISTRATOR,
    ),
)
