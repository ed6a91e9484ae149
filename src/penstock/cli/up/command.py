"""`penstock up`: reads options and settings, checks what can be checked, starts the rest."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.options import Host, port_option


def up(
    *,
    host: Host = None,
    port: Annotated[
        int | None, port_option(8000, "Port of the gateway; 0 takes a free one.")
    ] = None,
    mlflow_port: Annotated[
        int | None, port_option(8080, "Port of MLflow, on this machine alone; 0 takes a free one.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of databases, artifacts and logs.",
            show_default="./penstock-data",
        ),
    ] = None,
    artifacts: Annotated[
        str | None,
        typer.Option(
            metavar="s3://BUCKET",
            help="Artifact store of MLflow, s3://bucket or s3://bucket/prefix.",
            show_default="the data folder",
        ),
    ] = None,
    job_workers: Annotated[
        bool | None,
        typer.Option(
            "--job-workers/--no-job-workers",
            help="Let MLflow run its background jobs, such as evaluations.",
            show_default="off",
        ),
    ] = None,
) -> None:
    """Start the gateway and an MLflow server on this machine, until Ctrl-C."""
    from penstock.cli.extras import require_mlflow, require_server  # noqa: PLC0415 - help is quick
    from penstock.cli.settings import read_settings  # noqa: PLC0415 - the same

    require_server("up")
    require_mlflow("up")
    from penstock.cli.up.launch import Launch, launch  # noqa: PLC0415 - needs the extra
    from penstock.gateway.aliases import with_aliases  # noqa: PLC0415 - help is quick

    config = with_aliases(read_settings())
    wanted = Launch.from_config(
        config,
        host=host,
        port=port,
        mlflow_port=mlflow_port,
        data=data,
        artifacts=artifacts,
        job_workers=job_workers,
    )
    raise typer.Exit(launch(wanted, config))
