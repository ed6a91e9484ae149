"""Files of runs: through MLflow, in parts, by presigned address, and for MLflow's pages."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import STORE, TRANSFER, V2, ajax, row, twins
from penstock.gateway.proxy.targets.artifacts import (
    listed,
    presigned_upload,
    run_file,
    stored,
    stored_part,
    uploaded_file,
)
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, READ
from penstock.gateway.proxy.targets.registry import version_file
from penstock.gateway.proxy.targets.runs import run

PRESIGNED_DOWNLOAD = Duties(targets=run(READ), action=Action.READ)

ROUTES = (
    *twins(V2, "GET    /artifacts/list", run(READ)),
    *twins(V2, "POST   /artifacts/presigned-download-url", PRESIGNED_DOWNLOAD),
    *twins(V2, "POST   /artifacts/presigned-upload-url", presigned_upload),
    *twins(STORE, "GET    /artifacts", listed),
    *twins(STORE, "POST   /mpu/abort/{artifact_path:path}", stored_part),
    *twins(STORE, "POST   /mpu/complete/{artifact_path:path}", stored_part),
    *twins(STORE, "POST   /mpu/create/{artifact_path:path}", stored_part),
    *twins(STORE, "GET    /presigned/{artifact_path:path}", stored(READ)),
    *twins(STORE, "DELETE /artifacts/{artifact_path:path}", stored(MANAGE)),
    *twins(STORE, "GET    /artifacts/{artifact_path:path}", stored(READ), TRANSFER),
    *twins(STORE, "PUT    /artifacts/{artifact_path:path}", stored(EDIT), TRANSFER),
    *ajax(V2, "POST   /upload-artifact", uploaded_file, TRANSFER),
    row("GET /get-artifact", run_file, TRANSFER),
    row("GET /model-versions/get-artifact", version_file, TRANSFER),
)
