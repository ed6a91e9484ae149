"""`penstock token`: proofs for programs, made over HTTP with one's own login."""

from enum import StrEnum
from typing import Annotated

import typer

from penstock.cli.options import AsJson, Uri

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke tokens.")


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"
    WRITE = "write"


User = Annotated[
    str | None,
    typer.Option(metavar="EMAIL", help="Of this account, for administrators.", show_default="you"),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    *,
    scope: Annotated[Scope, typer.Option(help="What it is good for.")] = Scope.WRITE,
    expires_in: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it ends: 90d, 12h, 30m.", show_default="never"),
    ] = None,
    user: User = None,
    uri: Uri = None,
) -> None:
    """Make a token and print it: it is shown this once."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.duration import parse_duration  # noqa: PLC0415 - the same
    from penstock.cli.server import open_server  # noqa: PLC0415 - the same

    body: dict[str, str | int] = {"name": name, "scope": scope.value}
    if expires_in is not None:
        body["expires_in"] = parse_duration(expires_in)
    if user is not None:
        body["user"] = user
    with open_server(uri) as server:
        made = server.call("POST", "/v1/token", body)["data"]
    output.say(made["token"])


@app.command("list")
def list_tokens(*, user: User = None, as_json: AsJson = False, uri: Uri = None) -> None:
    """List tokens, without what proves them."""
    from urllib.parse import quote  # noqa: PLC0415 - `--help` stays quick

    from penstock.cli import output  # noqa: PLC0415 - the same
    from penstock.cli.server import open_server  # noqa: PLC0415 - the same

    query = "" if user is None else f"?user={quote(user, safe='')}"
    with open_server(uri) as server:
        found = server.call("GET", f"/v1/tokens{query}")["data"]
    if as_json:
        output.say_json(found)
        return
    rows = [
        (str(one["id"]), one["name"], one["user"], one["scope"], one["expires_at"] or "never")
        for one in found
    ]
    output.say_table(("ID", "NAME", "ACCOUNT", "SCOPE", "EXPIRES"), rows)


@app.command()
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="Id of the token.")],
    *,
    uri: Uri = None,
) -> None:
    """End a token at once."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.server import open_server  # noqa: PLC0415 - the same

    with open_server(uri) as server:
        server.call("DELETE", f"/v1/token/{token_id}")
    output.say(f"token {token_id} revoked")
