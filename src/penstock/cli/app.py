"""The commands, as one Typer application."""

from typing import Annotated, Final

import typer

from penstock import __version__
from penstock.cli import audit, grant, group, lineage, model, storage, token, user
from penstock.cli.examples import examples
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


SERVERS: Final = "Servers"
CLIENTS: Final = "Clients"
ACCESS: Final = "Access"
"""The panels of `penstock --help`."""

for command, panel in ((up, SERVERS), (gateway, SERVERS), (ping, CLIENTS), (sync, CLIENTS)):
    name = command.__name__
    app.command(name, rich_help_panel=panel, epilog=examples(name))(command)
app.add_typer(storage.app, name="storage", rich_help_panel=SERVERS, epilog=examples("storage"))
app.add_typer(lineage.app, name="lineage", rich_help_panel=CLIENTS, epilog=examples("lineage"))
for group_of, name in (
    (user, "user"),
    (token, "token"),
    (group, "group"),
    (grant, "grant"),
    (audit, "audit"),
):
    app.add_typer(group_of.app, name=name, rich_help_panel=ACCESS, epilog=examples(name))
app.add_typer(model.app, name="model", rich_help_panel=CLIENTS, epilog=examples("model"))
