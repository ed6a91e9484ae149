"""`penstock ping`: the connection test."""

import typer

from penstock.cli.options import AsJson, ServerUri


def ping(
    *,
    uri: ServerUri = None,
    as_json: AsJson = False,
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
