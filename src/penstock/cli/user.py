"""`penstock user`: accounts, over HTTP or on the database of a data folder."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make and list accounts.")

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


@app.command()
def add(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Name of the account.")],
    *,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, unasked."),
    ] = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Make an account. Asks for its password, twice."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - the same
    from penstock.cli.password import read_password  # noqa: PLC0415 - the same

    with open_directory(data, uri) as directory:
        password = read_password(email, from_stdin=password_stdin)
        directory.add(email, password=password, is_admin=admin)
    kind = "administrator" if admin else "user"
    output.say(f"{kind} {email} created")


@app.command("list")
def list_users(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document for scripts.")
    ] = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """List all accounts, by name."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - the same

    with open_directory(data, uri) as directory:
        users = directory.list_users()
    if as_json:
        output.say_json([user.as_json() for user in users])
        return
    rows = [(user.email, user.role, user.state) for user in users]
    output.say_table(("ACCOUNT", "ROLE", "STATE"), rows)
