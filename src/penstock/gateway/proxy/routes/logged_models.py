"""Logged models (MLflow 3): models as artifacts of an experiment."""

from penstock.gateway.proxy.route import Body, Patience
from penstock.gateway.proxy.routes.twins import V2, ajax, twins

ROUTES = (
    *twins(
        V2,
        """
            POST   /logged-models
            POST   /logged-models/search
            DELETE /logged-models/{model_id}
            GET    /logged-models/{model_id}
            PATCH  /logged-models/{model_id}
            GET    /logged-models/{model_id}/artifacts/directories
            POST   /logged-models/{model_id}/params
            PATCH  /logged-models/{model_id}/tags
            DELETE /logged-models/{model_id}/tags/{tag_key}
        """,
    ),
    *ajax(
        V2,
        """
            GET    /logged-models/{model_id}/artifacts/files
        """,
        body=Body.STREAM,
        patience=Patience.TRANSFER,
    ),
)
