"""`penstock audit`: who did what, over HTTP or from the database of a data folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import AsJson, Data, Uri

if TYPE_CHECKING:
    from penstock.cli.audit_trail import Wanted

app = typer.Typer(no_args_is_help=True, help="See and export who did what.")

Actor = Annotated[str | None, typer.Option(metavar="EMAIL", help="Of one account.")]
Target = Annotated[
    str | None,
    typer.Option(metavar="TARGET", help="On one thing: experiment:12, or 'run:*' for all such."),
]
Action = Annotated[
    str | None,
    typer.Option(metavar="ACTION", help="Of one kind: 'POST /v1/grant', or 'DELETE *'."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="From then on: 2d, 90m, or 2026-01-31T12:00Z."),
]
MAX_LIMIT = 10_000


@app.command("list")
def list_records(
    *,
    actor: Actor = None,
    target: Target = None,
    action: Action = None,
    since: Since = None,
    limit: Annotated[
        int, typer.Option(min=1, max=MAX_LIMIT, help="Most records to show, the newest.")
    ] = 50,
    as_json: AsJson = False,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """List the newest records, the newest first."""
    from itertools import islice  # noqa: PLC0415 - `--help` stays quick

    from penstock.cli import output  # noqa: PLC0415 - the same
    from penstock.cli.audit_trail import PAGE_SIZE, open_trail  # noqa: PLC0415 - the same

    wanted = _wanted(actor, target, action, since)
    with open_trail(data, uri) as trail:
        found = list(islice(trail.read(wanted, min(limit, PAGE_SIZE)), limit))
    if as_json:
        output.say_json(found)
        return
    columns = ("WHEN", "ACCOUNT", "ACTION", "TARGET", "RESULT", "TIMES", "ADDRESS")
    output.say_table(columns, [_row(one) for one in found])


@app.command()
def export(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File to write.", show_default="standard output"),
    ] = None,
    *,
    actor: Actor = None,
    target: Target = None,
    action: Action = None,
    since: Since = None,
    data: Data = None,
    uri: Uri = None,
) -> None:
    """Write all records as JSON lines, the newest first."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.audit_trail import PAGE_SIZE, open_trail  # noqa: PLC0415 - the same
    from penstock.cli.written_file import written_file  # noqa: PLC0415 - the same

    wanted = _wanted(actor, target, action, since)
    with open_trail(data, uri) as trail:
        lines = map(output.json_text, trail.read(wanted, PAGE_SIZE))
        if file is None:
            for line in lines:
                output.say(line)
            return
        count = written_file(file, lines)
    output.say(f"{count} records written to {file}")


def _wanted(
    actor: str | None, target: str | None, action: str | None, since: str | None
) -> "Wanted":
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` stays quick

    from penstock.cli.audit_trail import Wanted  # noqa: PLC0415 - the same
    from penstock.cli.moment import parse_moment  # noqa: PLC0415 - the same

    moment = None if since is None else parse_moment(since, datetime.now(UTC))
    return Wanted(actor, target, action, moment)


def _row(record: dict[str, Any]) -> tuple[str, ...]:
    when = str(record["at"]).replace("T", " ").partition(".")[0].removesuffix("Z")
    return (
        when,
        record["actor"] or "-",
        record["action"],
        record["target"],
        record["result"],
        str(record["count"]),
        record["address"] or "-",
    )
