"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Work on the database of this data folder instead of over HTTP.",
    ),
]
Uri = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of the gateway.",
        show_default="PENSTOCK_URL or MLFLOW_TRACKING_URI",
    ),
]
ServerUri = Annotated[
    str | None,
    typer.Option(
        "--uri",
        metavar="URL",
        help="Address of the gateway or MLflow server.",
        show_default="PENSTOCK_URL or MLFLOW_TRACKING_URI",
    ),
]
CacheDir = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Folder of the cache.",
        show_default="PENSTOCK_CACHE_DIR or ~/.cache/penstock/models",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for scripts.")]
