"""`penstock model cache`: what the cache of models holds, whether it is sound, and its end."""

from typing import Annotated

import typer

from penstock.cli.options import AsJson, CacheDir

app = typer.Typer(no_args_is_help=True, help="List, verify and clear the cache of models.")


@app.command("list")
def list_entries(*, cache: CacheDir = None, as_json: AsJson = False) -> None:
    """List the models in the cache, the one that was used longest ago first."""
    from penstock.cli.cache_report import report_entries  # noqa: PLC0415 - `--help` stays quick

    report_entries(cache, as_json=as_json)


@app.command()
def verify(*, cache: CacheDir = None, as_json: AsJson = False) -> None:
    """Compare all files with their checksums. Fails where one differs, and removes nothing."""
    from penstock.cli.cache_report import report_damages  # noqa: PLC0415 - `--help` stays quick

    if not report_damages(cache, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def clear(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Of this registered model alone.", show_default="all"),
    ] = None,
    *,
    cache: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove what is in the cache and not in use."""
    from penstock.cli.cache_report import report_cleared  # noqa: PLC0415 - `--help` stays quick

    report_cleared(cache, name, as_json=as_json)
