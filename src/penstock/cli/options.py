"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

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
Host = Annotated[
    str | None,
    typer.Option(metavar="HOST", help="Address to listen on.", show_default="127.0.0.1"),
]
ServingData = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder that servers on this machine write to.",
        show_default="./penstock-data/serving",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for scripts.")]


def port_option(default: int, text: str = "Port to listen on.") -> Any:  # noqa: ANN401 - Typer's
    """Return an option that takes a port; it is only shown which one is taken without it."""
    return typer.Option(metavar="PORT", min=0, max=65535, help=text, show_default=str(default))
