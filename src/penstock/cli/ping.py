"""`penstock ping`: the connection test."""

from typing import Annotated

import typer


def ping(
    *,
    uri: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the gateway or MLflow server.",
            show_default="PENSTOCK_URL or MLFLOW_TRACKING_URI",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document for scripts.")
    ] = False,
) -> None:
    """Test the connection: server, login, version, experiments, registry, artifacts.

    The login comes from the settings, as for every client: MLFLOW_TRACKING_USERNAME and
    MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN. Fails unless all checks hold.
    """
    from penstock.cli.connection_test import (  # noqa: PLC0415 - `--help` stays quick
        run_connection_test,
    )

    if not run_connection_test(uri, as_json=as_json):
        raise typer.Exit(1)
