"""`penstock gateway`: the gateway alone, in front of an MLflow server that runs elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.options import Host, port_option


def gateway(
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the MLflow server.",
            show_default="http://127.0.0.1:8080",
        ),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database of the gateway: sqlite:///path/to/penstock.db, postgresql://…, mysql://…",
            show_default="penstock.db in the data folder",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the database, where no database URL is set.",
            show_default="./penstock-data",
        ),
    ] = None,
    host: Host = None,
    port: Annotated[int | None, port_option(8000)] = None,
) -> None:
    """Start the gateway alone, in front of a running MLflow server."""
    from penstock.cli.extras import require_server  # noqa: PLC0415 - `--help` stays quick

    require_server("gateway")
    from penstock.cli.exposure import warn_of_exposure  # noqa: PLC0415 - the same
    from penstock.cli.settings import read_settings  # noqa: PLC0415 - the same
    from penstock.gateway.server import run  # noqa: PLC0415 - needs the extra
    from penstock.gateway.settings import GatewaySettings  # noqa: PLC0415 - needs the extra

    settings = GatewaySettings.from_config(
        read_settings(),
        upstream_url=upstream,
        database_url=database_url,
        data_dir=data,
        host=host,
        port=port,
    )
    warn_of_exposure(settings.host)
    run(settings)
