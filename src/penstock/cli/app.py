"""The commands, as one Typer application."""

from typing import Annotated, Final

import typer

from penstock import __version__
from penstock.cli import audit, grant, group, lineage, model, serve, storage, token, user
from penstock.cli.deploy import (
    deploy_model,
    get_serve_status,
    list_deployments,
    rollback_model,
    undeploy_model,
)
from penstock.cli.examples import examples
from penstock.cli.gateway import gateway
from penstock.cli.ping import ping
from penstock.cli.rollout import app as rollout
from penstock.cli.sync import sync
from penstock.cli.up.command import up


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag
    if wanted:
        typer.echo(f"penstock {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="penstock",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _penstock(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Take MLflow into production: a gateway that knows who may do what, and a light client."""


SERVERS: Final = "Servers"
CLIENTS: Final = "Clients"
ROLLOUTS: Final = "Rollouts"
DEPLOYMENTS: Final = "Deployments"
ACCESS: Final = "Access"
"""The panels of `penstock --help`."""

for command, panel in ((up, SERVERS), (gateway, SERVERS), (ping, CLIENTS), (sync, CLIENTS)):
    name = command.__name__
    app.command(name, rich_help_panel=panel, epilog=examples(name))(command)
for group_of, name, panel in (
    (serve, "serve", SERVERS),
    (storage, "storage", SERVERS),
    (lineage, "lineage", CLIENTS),
    (model, "model", CLIENTS),
    (rollout, "rollout", ROLLOUTS),
    (user, "user", ACCESS),
    (token, "token", ACCESS),
    (group, "group", ACCESS),
    (grant, "grant", ACCESS),
    (audit, "audit", ACCESS),
):
    app.add_typer(group_of.app, name=name, rich_help_panel=panel, epilog=examples(name))
for deploying in (
    deploy_model,
    undeploy_model,
    get_serve_status,
    list_deployments,
    rollback_model,
):
    name = deploying.__name__.replace("_", "-")
    app.command(name, rich_help_panel=DEPLOYMENTS, epilog=examples(name))(deploying)
