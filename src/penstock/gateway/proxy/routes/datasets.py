"""Evaluation data sets."""

from penstock.gateway.proxy.routes.twins import V3, twins

ROUTES = (
    *twins(
        V3,
        """
            POST   /datasets/create
            GET    /datasets/search
            POST   /datasets/search
            DELETE /datasets/{dataset_id}
            GET    /datasets/{dataset_id}
            POST   /datasets/{dataset_id}/add-experiments
            GET    /datasets/{dataset_id}/experiment-ids
            DELETE /datasets/{dataset_id}/records
            GET    /datasets/{dataset_id}/records
            POST   /datasets/{dataset_id}/records
            POST   /datasets/{dataset_id}/remove-experiments
            PATCH  /datasets/{dataset_id}/tags
            DELETE /datasets/{dataset_id}/tags/{key}
        """,
    ),
)
