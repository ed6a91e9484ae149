"""Experiments."""

from penstock.gateway.proxy.routes.twins import V2, ajax, twins

ROUTES = (
    *twins(
        V2,
        """
            POST   /experiments/create
            POST   /experiments/delete
            POST   /experiments/delete-experiment-tag
            GET    /experiments/get
            GET    /experiments/get-by-name
            POST   /experiments/restore
            GET    /experiments/search
            POST   /experiments/search
            POST   /experiments/set-experiment-tag
            POST   /experiments/update
        """,
    ),
    *ajax(
        V2,
        """
            POST   /experiments/search-datasets
        """,
    ),
    # MLflow 3.17.2 spells this one without the slash, and answers that it is not implemented.
    *twins("2.0mlflow", "POST /experiments/search-datasets"),
)
