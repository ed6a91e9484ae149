"""Runs, their metrics, parameters and tags."""

from penstock.gateway.proxy.routes.twins import V2, ajax, twins

ROUTES = (
    *twins(
        V2,
        """
            GET    /metrics/get-history
            GET    /metrics/get-history-bulk-interval
            POST   /runs/create
            POST   /runs/delete
            POST   /runs/delete-tag
            GET    /runs/get
            POST   /runs/log-batch
            POST   /runs/log-inputs
            POST   /runs/log-metric
            POST   /runs/log-model
            POST   /runs/log-parameter
            POST   /runs/outputs
            POST   /runs/restore
            POST   /runs/search
            POST   /runs/set-tag
            POST   /runs/update
        """,
    ),
    *ajax(
        V2,
        """
            GET    /metrics/get-history-bulk
            POST   /runs/create-promptlab-run
        """,
    ),
)
