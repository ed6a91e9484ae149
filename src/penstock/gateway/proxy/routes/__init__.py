"""The route table: every route of MLflow 3.17.2 and of the gateway, one file per family.

A route without a row here does not exist for callers: default deny.
"""

from penstock.gateway.proxy.matcher import RouteTable
from penstock.gateway.proxy.routes import (
    additions,
    ai_gateway,
    artifacts,
    assistant,
    datasets,
    evaluation,
    experiments,
    jobs,
    logged_models,
    mcp_servers,
    own,
    pages,
    registry,
    runs,
    traces,
    webhooks,
    workspaces,
)

MLFLOW_ROUTES = (
    *pages.ROUTES,
    *experiments.ROUTES,
    *runs.ROUTES,
    *artifacts.ROUTES,
    *registry.ROUTES,
    *logged_models.ROUTES,
    *traces.ROUTES,
    *datasets.ROUTES,
    *evaluation.ROUTES,
    *webhooks.ROUTES,
    *jobs.ROUTES,
    *assistant.ROUTES,
    *ai_gateway.ROUTES,
    *mcp_servers.ROUTES,
    *workspaces.ROUTES,
)


def route_table() -> RouteTable:
    """Return the whole table."""
    return RouteTable((*own.ROUTES, *additions.ROUTES, *MLFLOW_ROUTES))
