"""Registered models (prompts among them), their versions, aliases and stages."""

from penstock.gateway.proxy.routes.twins import V2, twins

ROUTES = (
    *twins(
        V2,
        """
            POST   /model-versions/create
            DELETE /model-versions/delete
            DELETE /model-versions/delete-tag
            GET    /model-versions/get
            GET    /model-versions/get-download-uri
            GET    /model-versions/search
            POST   /model-versions/set-tag
            POST   /model-versions/transition-stage
            PATCH  /model-versions/update
            DELETE /registered-models/alias
            GET    /registered-models/alias
            POST   /registered-models/alias
            POST   /registered-models/create
            DELETE /registered-models/delete
            DELETE /registered-models/delete-tag
            GET    /registered-models/get
            GET    /registered-models/get-latest-versions
            POST   /registered-models/get-latest-versions
            POST   /registered-models/rename
            GET    /registered-models/search
            POST   /registered-models/set-tag
            PATCH  /registered-models/update
        """,
    ),
)
