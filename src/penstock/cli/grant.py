"""`penstock grant`: who may do what, over HTTP or on the database of a data folder."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from penstock.cli.options import AsJson, Data, Uri

app = typer.Typer(no_args_is_help=True, help="Give, take, list and explain grants.")


class Kind(StrEnum):
    """What a grant is about."""

    EXPERIMENT = "experiment"
    REGISTERED_MODEL = "registered_model"


class Level(StrEnum):
    """What a grant allows."""

    NONE = "NONE"
    READ = "READ"
    EDIT = "EDIT"
    MANAGE = "MANAGE"


Subject = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="user:ann@example.com or group:release.")
]
Pattern = Annotated[
    str,
    typer.Argument(metavar="PATTERN", help="A name, a prefix such as 'team-a/*', '*', or id:12."),
]
LevelArgument = Annotated[Level, typer.Argument(help="What it allows; NONE denies.")]
KindArgument = Annotated[Kind, typer.Argument(help="What it is about.")]


@app.command()
def add(
    subject: Subject,
    level: LevelArgument,
    kind: KindArgument,
    pattern: Pattern,
    *,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Set what a user or group may do with what a pattern matches."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        grant_id = policy.put_grant(subject, kind.value, pattern, level.value)
    output.say(f"grant {grant_id}: {subject} has {level.value} on {kind.value} {pattern}")


@app.command()
def remove(
    grant_id: Annotated[int, typer.Argument(metavar="ID", help="Id of the grant.")],
    *,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Take a grant back."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        policy.delete_grant(grant_id)
    output.say(f"grant {grant_id} deleted")


@app.command("list")
def list_grants(
    *,
    subject: Annotated[
        str | None, typer.Option(metavar="SUBJECT", help="Those of one user or group.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Those about one kind.")] = None,
    pattern: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Those with this very pattern.")
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """List grants: all of them, or those on what you manage."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        found = policy.list_grants(subject, None if kind is None else kind.value, pattern)
    if as_json:
        output.say_json(found)
        return
    output.say_table(("ID", "SUBJECT", "LEVEL", "KIND", "PATTERN"), [_row(one) for one in found])


@app.command()
def explain(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Name of the account.")],
    level: LevelArgument,
    kind: KindArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the resource, or id:12.")],
    *,
    as_json: AsJson = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Say whether a user may do something, and by which grant. Changes nothing.

    Exit code 0 means yes, 1 no.
    """
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.grants import open_policy  # noqa: PLC0415 - the same

    with open_policy(data, uri) as policy:
        found = policy.explain(email, level.value, kind.value, name)
    if as_json:
        output.say_json(found)
    else:
        answer = "yes" if found["allowed"] else "no"
        output.say(f"{answer}: {email} has {found['level']} on {kind.value} {name}")
        for line in _reasons(found):
            output.say(f"  {line}")
    if not found["allowed"]:
        raise typer.Exit(1)


def _reasons(found: dict[str, Any]) -> list[str]:
    if not found["grants"]:
        return ["no grant matches: an administrator's right, or the default level"]
    return [
        f"grant {one['id']}: {one['subject']} has {one['level']} on {one['kind']} {one['pattern']}"
        for one in found["grants"]
    ]


def _row(grant: dict[str, Any]) -> tuple[str, ...]:
    values = (grant["id"], grant["subject"], grant["level"], grant["kind"], grant["pattern"])
    return tuple(str(value) for value in values)
