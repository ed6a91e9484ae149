"""`penstock group`: groups of users, over HTTP or on the database of a data folder."""

from typing import Annotated

import typer

from penstock.cli.options import AsJson, Data, Uri

app = typer.Typer(no_args_is_help=True, help="Make, fill and list groups.")

Name = Annotated[str, typer.Argument(metavar="GROUP", help="Name of the group.")]
Emails = Annotated[list[str], typer.Argument(metavar="EMAIL…", help="Names of accounts.")]


@app.command()
def add(name: Name, *, data: Data = None, uri: Uri = None) -> None:
    """Make a group."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        policy.add_group(name)
    output.say(f"group {name} created")


@app.command()
def delete(name: Name, *, data: Data = None, uri: Uri = None) -> None:
    """Delete a group, and with it all that was granted to it."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        policy.delete_group(name)
    output.say(f"group {name} deleted")


@app.command()
def join(name: Name, emails: Emails, *, data: Data = None, uri: Uri = None) -> None:
    """Make accounts members of a group."""
    _set_members(name, emails, is_member=True, data=data, uri=uri)


@app.command()
def leave(name: Name, emails: Emails, *, data: Data = None, uri: Uri = None) -> None:
    """End the membership of accounts."""
    _set_members(name, emails, is_member=False, data=data, uri=uri)


@app.command("list")
def list_groups(*, as_json: AsJson = False, data: Data = None, uri: Uri = None) -> None:
    """List all groups with their members, by name."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        found = policy.list_groups()
    if as_json:
        output.say_json(found)
        return
    rows = [(group["name"], ", ".join(group["members"])) for group in found]
    output.say_table(("GROUP", "MEMBERS"), rows)


def _set_members(name: str, emails: list[str], *, is_member: bool, data: Data, uri: Uri) -> None:
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        for email in emails:
            policy.set_member(name, email, is_member=is_member)
            output.say(f"{email} is {'a' if is_member else 'no'} member of {name}")
