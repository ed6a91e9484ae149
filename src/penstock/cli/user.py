"""`penstock user`: accounts, over HTTP or on the database of a data folder."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.options import AsJson, Data, Uri

if TYPE_CHECKING:
    from penstock.cli.accounts import Directory, Invited

app = typer.Typer(no_args_is_help=True, help="Make, change and list accounts.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Name of the account.")]


@app.command()
def add(
    email: Email,
    *,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    invite: Annotated[
        bool,
        typer.Option("--invite", help="Print a link by which they set their own password."),
    ] = False,
    service: Annotated[
        bool,
        typer.Option("--service-account", help="Without a password: for tokens alone."),
    ] = False,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, unasked."),
    ] = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Make an account. Asks for its password, twice, or prints an invitation."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - the same
    from penstock.cli.password import read_password  # noqa: PLC0415 - the same

    _check_ways(invite=invite, service=service, password_stdin=password_stdin)
    if service and admin:
        raise typer.BadParameter("a service account is no administrator; leave out --admin")
    invited = None
    with open_directory(data, uri) as directory:
        if invite:
            invited = directory.add_invited(email, is_admin=admin)
        else:
            password = None if service else read_password(email, from_stdin=password_stdin)
            directory.add(email, password=password, is_admin=admin)
    kind = "administrator" if admin else "user"
    output.say(f"{kind} {email} created")
    if invited is not None:
        _show_invitation(invited)


@app.command()
def invite(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Print a link by which an account sets its password anew, once; earlier links end."""
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - `--help` stays quick

    with open_directory(data, uri) as directory:
        invited = directory.invite(email)
    _show_invitation(invited)


@app.command("list")
def list_users(
    *,
    as_json: AsJson = False,
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


@app.command()
def passwd(
    email: Email,
    *,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, unasked."),
    ] = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Set the password of an account. Asks for it, twice."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - the same
    from penstock.cli.password import read_password  # noqa: PLC0415 - the same

    with open_directory(data, uri) as directory:
        directory.set_password(email, read_password(email, from_stdin=password_stdin))
    output.say(f"password of {email} changed")


@app.command()
def disable(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Bar an account from logging in, with its password and with its tokens, at once."""
    _change(data, uri, lambda directory: directory.set_disabled(email, disabled=True))
    _say(f"account {email} disabled")


@app.command()
def enable(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Let a disabled account in again."""
    _change(data, uri, lambda directory: directory.set_disabled(email, disabled=False))
    _say(f"account {email} enabled")


@app.command()
def promote(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Make an account an administrator's."""
    _change(data, uri, lambda directory: directory.set_admin(email, is_admin=True))
    _say(f"{email} is an administrator")


@app.command()
def demote(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Make an administrator an ordinary user."""
    _change(data, uri, lambda directory: directory.set_admin(email, is_admin=False))
    _say(f"{email} is no administrator")


@app.command()
def delete(email: Email, *, data: Data = None, uri: Uri = None) -> None:
    """Delete an account, with its tokens, memberships and grants."""
    _change(data, uri, lambda directory: directory.delete(email))
    _say(f"account {email} deleted")


def _check_ways(*, invite: bool, service: bool, password_stdin: bool) -> None:
    if invite + service + password_stdin > 1:
        raise typer.BadParameter("pass one of --invite, --service-account, --password-stdin")


def _show_invitation(invited: "Invited") -> None:
    _say(f"send them this link; it works once, until {invited.expires_at}:")
    _say(invited.link)


def _change(data: Data, uri: Uri, change: "Callable[[Directory], None]") -> None:
    from penstock.cli.accounts import open_directory  # noqa: PLC0415 - `--help` stays quick

    with open_directory(data, uri) as directory:
        change(directory)


def _say(text: str) -> None:
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick

    output.say(text)
