"""Files of runs: through MLflow, in parts, by presigned address, and for MLflow's pages."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Body, Patience, Route
from penstock.gateway.proxy.routes.twins import V2, ajax, twins

ROUTES = (
    *twins(
        V2,
        """
            GET    /artifacts/list
            POST   /artifacts/presigned-download-url
            POST   /artifacts/presigned-upload-url
        """,
    ),
    *twins(
        "2.0/mlflow-artifacts",
        """
            GET    /artifacts
            POST   /mpu/abort/{artifact_path:path}
            POST   /mpu/complete/{artifact_path:path}
            POST   /mpu/create/{artifact_path:path}
            GET    /presigned/{artifact_path:path}
            DELETE /artifacts/{artifact_path:path}
        """,
    ),
    *twins(
        "2.0/mlflow-artifacts",
        """
            GET    /artifacts/{artifact_path:path}
            PUT    /artifacts/{artifact_path:path}
        """,
        body=Body.STREAM,
        patience=Patience.TRANSFER,
    ),
    *ajax(
        V2,
        """
            POST   /upload-artifact
        """,
        body=Body.STREAM,
        patience=Patience.TRANSFER,
    ),
    Route("GET", "/get-artifact", Access.USER, Body.STREAM, Patience.TRANSFER),
    Route("GET", "/model-versions/get-artifact", Access.USER, Body.STREAM, Patience.TRANSFER),
)
