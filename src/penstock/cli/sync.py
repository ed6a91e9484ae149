"""`penstock sync`: sends what a spool still holds."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.options import AsJson


def sync(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The spool: what clients were given as spool=.")
    ],
    *,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the server to send to.",
            show_default="the one that each journal names",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send what processes that have ended left in a spool.

    The login comes from the settings, as for every client: MLFLOW_TRACKING_USERNAME and
    MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN. Fails while anything is left, and when the
    server refused something for ever.
    """
    from penstock.cli.spool_report import (  # noqa: PLC0415 - `--help` stays quick
        sync_and_report,
    )

    if not sync_and_report(folder, to, as_json=as_json):
        raise typer.Exit(1)
