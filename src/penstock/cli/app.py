"""The commands, as one Typer application."""

from typing import Annotated

import typer

from penstock import __version__
from penstock.cli import audit, grant, group, token, user
from penstock.cli.gateway import gateway
from penstock.cli.ping import ping
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


app.command()(up)
app.command()(gateway)
app.command()(ping)
app.command()(sync)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(group.app, name="group")
app.add_typer(grant.app, name="grant")
app.add_typer(audit.app, name="audit")
