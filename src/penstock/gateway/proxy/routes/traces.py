"""Traces, their assessments, and OpenTelemetry's own address for them."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Body, Patience, Route
from penstock.gateway.proxy.routes.twins import V2, V3, ajax, twins

ROUTES = (
    *twins(
        V2,
        """
            GET    /get-online-trace-details
            GET    /traces
            POST   /traces
            POST   /traces/delete-traces
            POST   /traces/link-prompts
            POST   /traces/link-to-run
            PATCH  /traces/{request_id}
            GET    /traces/{request_id}/info
            DELETE /traces/{request_id}/tags
            PATCH  /traces/{request_id}/tags
            GET    /unified-traces
        """,
    ),
    *twins(
        V3,
        """
            POST   /traces
            GET    /traces/batchGet
            POST   /traces/batchGetInfos
            POST   /traces/calculate-filter-correlation
            POST   /traces/delete-traces
            GET    /traces/get
            POST   /traces/metrics
            POST   /traces/search
            GET    /traces/{trace_id}
            POST   /traces/{trace_id}/assessments
            DELETE /traces/{trace_id}/assessments/{assessment_id}
            GET    /traces/{trace_id}/assessments/{assessment_id}
            PATCH  /traces/{trace_id}/assessments/{assessment_id}
            DELETE /traces/{trace_id}/tags
            PATCH  /traces/{trace_id}/tags
        """,
    ),
    *ajax(
        V2,
        """
            GET    /get-trace-artifact
        """,
        body=Body.STREAM,
        patience=Patience.TRANSFER,
    ),
    *ajax(
        V3,
        """
            GET    /get-trace-artifact
        """,
        body=Body.STREAM,
        patience=Patience.TRANSFER,
    ),
    Route("POST", "/v1/traces", Access.USER, Body.BOUNDED),
)
