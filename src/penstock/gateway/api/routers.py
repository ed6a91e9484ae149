"""All calls of the gateway's own API, in the order in which its document tells of them."""

from typing import Final

from penstock.gateway.api import (
    audit,
    deployments,
    document_pages,
    experiments,
    grants,
    groups,
    health,
    log_data,
    me,
    metrics,
    models,
    rollout_changes,
    rollouts,
    runs,
    tokens,
    users,
)

ROUTERS: Final = (
    experiments.router,
    runs.router,
    log_data.router,
    models.router,
    rollouts.router,
    rollout_changes.router,
    deployments.router,
    me.router,
    tokens.router,
    users.router,
    groups.router,
    grants.router,
    audit.router,
    health.router,
    metrics.router,
    document_pages.router,
)
