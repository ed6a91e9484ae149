"""Webhooks: MLflow calls an address that the caller names, so administrators alone."""

from penstock.gateway.proxy.routes.twins import V2, administrators, twins

WEBHOOK = administrators("MLflow calls an address that the caller names")

ROUTES = (
    *twins(V2, "GET    /webhooks", WEBHOOK),
    *twins(V2, "POST   /webhooks", WEBHOOK),
    *twins(V2, "DELETE /webhooks/{webhook_id}", WEBHOOK),
    *twins(V2, "GET    /webhooks/{webhook_id}", WEBHOOK),
    *twins(V2, "PATCH  /webhooks/{webhook_id}", WEBHOOK),
    *twins(V2, "POST   /webhooks/{webhook_id}/test", WEBHOOK),
)
