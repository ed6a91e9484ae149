"""Runs, their metrics, parameters and tags."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.owner import owned_prompt_run, owned_run
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import V2, ajax, twins
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, NOTHING, READ, Finder
from penstock.gateway.proxy.targets.runs import (
    batch,
    bulk_history,
    interval_history,
    metric,
    run,
    run_creation,
    run_inputs,
    run_outputs,
    run_tag,
)

SEARCH = Duties(targets=NOTHING, search=Search.RUNS, action=Action.READ)
CREATION = Duties(targets=run_creation, rewrite=owned_run)
PROMPT_RUN = Duties(targets=run_creation, rewrite=owned_prompt_run)


def logs(finder: Finder) -> Duties:
    """Return the duties of a write that is counted rather than listed."""
    return Duties(targets=finder, action=Action.LOG)


ROUTES = (
    *twins(V2, "GET  /metrics/get-history", run(READ)),
    *twins(V2, "GET  /metrics/get-history-bulk-interval", interval_history),
    *twins(V2, "POST /runs/create", CREATION),
    *twins(V2, "POST /runs/delete", run(MANAGE)),
    *twins(V2, "POST /runs/delete-tag", run_tag),
    *twins(V2, "GET  /runs/get", run(READ)),
    *twins(V2, "POST /runs/log-batch", logs(batch)),
    *twins(V2, "POST /runs/log-inputs", logs(run_inputs)),
    *twins(V2, "POST /runs/log-metric", logs(metric)),
    *twins(V2, "POST /runs/log-model", logs(run(EDIT))),
    *twins(V2, "POST /runs/log-parameter", logs(run(EDIT))),
    *twins(V2, "POST /runs/outputs", logs(run_outputs)),
    *twins(V2, "POST /runs/restore", run(MANAGE)),
    *twins(V2, "POST /runs/search", SEARCH),
    *twins(V2, "POST /runs/set-tag", run_tag),
    *twins(V2, "POST /runs/update", run(EDIT)),
    *ajax(V2, "GET  /metrics/get-history-bulk", bulk_history),
    *ajax(V2, "POST /runs/create-promptlab-run", PROMPT_RUN),
)
