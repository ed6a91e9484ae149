import json
from io import BytesIO
from posixpath import dirname, splitext
from typing import Any

from penstock.rest.artifacts.images import encode, name_cell, shrink
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.run_artifacts import RunArtifacts
from penstock.rest.artifacts.store import ArtifactStore
from penstock.rest.artifacts.tables import (
    as_frame,
    checked_table_file,
    join_frames,
    read_table,
    replace_images,
    write_table,
)
from penstock.rest.artifacts.upload import upload_bytes
from penstock.rest.entities import Run

TABLES_TAG = "mlflow.loggedArtifacts"


def log_table(store: ArtifactStore, run_id: str, table: Any, artifact_file: str) -> None:  # noqa: ANN401 - a dictionary, or of pandas
    """Add rows to a table of a run, which is made if needed, and tell MLflow's pages of it."""
    file = checked_table_file(artifact_file)
    frame = as_frame(table)
    root = store.of_run(run_id)
    replace_images(frame, lambda image: _store_image(root, image, splitext(file)[0]))
    listed = RunArtifacts(store, run_id).children(dirname(file))
    if any(found.path == file and not found.is_dir for found in listed):
        frame = join_frames([read_table(fetch_bytes(root, file), file), frame])
    upload_bytes(root, write_table(frame, file), file)
    _announce(store, run_id, file)


def fetch_bytes(root: ArtifactRoot, file: str) -> bytes:
    """Return the content of a small file."""
    target = BytesIO()
    root.fetch(file, target, size=None)
    return target.getvalue()


def _store_image(root: ArtifactRoot, cell: Any, table: str) -> dict[str, str]:  # noqa: ANN401 - of Pillow or mlflow
    image = cell.to_pil() if callable(getattr(cell, "to_pil", None)) else cell
    files = name_cell(table)
    upload_bytes(root, encode(image, "PNG"), files.full)
    upload_bytes(root, encode(shrink(image), "WEBP"), files.small)
    return {"type": "image", "filepath": files.full, "compressed_filepath": files.small}


def _announce(store: ArtifactStore, run_id: str, file: str) -> None:
    run = store.api.get("mlflow/runs/get", run_id=run_id).one("run", Run)
    known = json.loads(run.data.tags.get(TABLES_TAG) or "[]")
    entry = {"path": file, "type": "table"}
    if entry not in known:
        store.api.post(
            "mlflow/runs/set-tag",
            run_id=run_id,
            key=TABLES_TAG,
            value=json.dumps([*known, entry]),
        )
