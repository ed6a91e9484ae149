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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for scripts.")]
