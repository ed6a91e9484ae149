"""Traces, their assessments, and OpenTelemetry's own address for them."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.author import (
    authored_assessment,
    authored_request,
    authored_trace,
)
from penstock.gateway.proxy.route import Body, Duties
from penstock.gateway.proxy.routes.twins import (
    TRANSFER,
    V2,
    V3,
    Travel,
    administrators,
    ajax,
    row,
    twins,
)
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.experiments import experiment, experiments
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, NOTHING, READ
from penstock.gateway.proxy.targets.otlp import exported_spans
from penstock.gateway.proxy.targets.traces import (
    ended_request,
    linked_prompts,
    linked_run,
    one_trace,
    request,
    request_tag,
    started_request,
    started_trace,
    trace,
    trace_file,
    trace_tag,
    traces,
)

SEARCH = Duties(targets=NOTHING, search=Search.TRACES, action=Action.READ)
SEVERAL = Duties(targets=traces, action=Action.READ)
STATISTICS = Duties(targets=experiments(READ), action=Action.READ)
STARTED_REQUEST = Duties(targets=started_request, action=Action.LOG, rewrite=authored_request)
ENDED_REQUEST = Duties(targets=ended_request, action=Action.LOG, rewrite=authored_request)
STARTED_TRACE = Duties(targets=started_trace, action=Action.LOG, rewrite=authored_trace)
EXPORT = Duties(targets=exported_spans, action=Action.LOG)
ASSESSED = Duties(targets=trace(EDIT), rewrite=authored_assessment)
OTHER_EDITION = administrators("MLflow's open edition does not implement it")
ASSESSMENT = "/traces/{trace_id}/assessments/{assessment_id}"

ROUTES = (
    *twins(V2, "GET    /get-online-trace-details", OTHER_EDITION),
    *twins(V2, "GET    /traces", SEARCH),
    *twins(V2, "POST   /traces", STARTED_REQUEST),
    *twins(V2, "POST   /traces/delete-traces", experiment(MANAGE)),
    *twins(V2, "POST   /traces/link-prompts", linked_prompts),
    *twins(V2, "POST   /traces/link-to-run", linked_run),
    *twins(V2, "PATCH  /traces/{request_id}", ENDED_REQUEST),
    *twins(V2, "GET    /traces/{request_id}/info", request(READ)),
    *twins(V2, "DELETE /traces/{request_id}/tags", request(EDIT)),
    *twins(V2, "PATCH  /traces/{request_id}/tags", request_tag),
    *twins(V2, "GET    /unified-traces", OTHER_EDITION),
    *twins(V3, "POST   /traces", STARTED_TRACE),
    *twins(V3, "GET    /traces/batchGet", SEVERAL),
    *twins(V3, "POST   /traces/batchGetInfos", SEVERAL),
    *twins(V3, "POST   /traces/calculate-filter-correlation", STATISTICS),
    *twins(V3, "POST   /traces/delete-traces", experiment(MANAGE)),
    *twins(V3, "GET    /traces/get", one_trace),
    *twins(V3, "POST   /traces/metrics", STATISTICS),
    *twins(V3, "POST   /traces/search", SEARCH),
    *twins(V3, "GET    /traces/{trace_id}", trace(READ)),
    *twins(V3, "POST   /traces/{trace_id}/assessments", ASSESSED),
    *twins(V3, f"DELETE {ASSESSMENT}", trace(EDIT)),
    *twins(V3, f"GET    {ASSESSMENT}", trace(READ)),
    *twins(V3, f"PATCH  {ASSESSMENT}", trace(EDIT)),
    *twins(V3, "DELETE /traces/{trace_id}/tags", trace(EDIT)),
    *twins(V3, "PATCH  /traces/{trace_id}/tags", trace_tag),
    *ajax(V2, "GET    /get-trace-artifact", trace_file, TRANSFER),
    *ajax(V3, "GET    /get-trace-artifact", trace_file, TRANSFER),
    row("POST /v1/traces", EXPORT, Travel(Body.BOUNDED)),
)
