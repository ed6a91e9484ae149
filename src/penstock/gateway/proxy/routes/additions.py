"""Rows that MLflow does not have, answered with what MLflow has."""

from dataclasses import replace

from penstock.gateway.proxy.routes.experiments import SEARCH
from penstock.gateway.proxy.routes.pages import PAGE, STREAM
from penstock.gateway.proxy.routes.twins import V2, row, twins

ROUTES = (
    # The name of the search in versions 1 of MLflow.
    *(
        replace(
            listing,
            served_at="/api/2.0/mlflow/experiments/search",
            default=("max_results", "1000"),
        )
        for listing in twins(V2, "GET /experiments/list", SEARCH)
    ),
    replace(row("GET /experiments", PAGE, STREAM), served_at="/"),
)
