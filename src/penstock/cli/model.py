"""`penstock model`: looks at models, loads, downloads and compares them, and keeps the cache."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli import model_cache
from penstock.cli.completion import complete_models
from penstock.cli.options import AsJson, CacheDir, ServerUri

app = typer.Typer(no_args_is_help=True, help="Look at models, load, download and compare them.")
app.add_typer(model_cache.app, name="cache")

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="NAME, NAME/VERSION, NAME@ALIAS, a URI such as runs:/ID/model, or ./FOLDER.",
        autocompletion=complete_models,
    ),
]


@app.command()
def info(
    model: Model, *, cache: CacheDir = None, as_json: AsJson = False, uri: ServerUri = None
) -> None:
    """Show what is known of a model, and which source knows it: server, cache or local copy."""
    from penstock.cli.model_report import report_info  # noqa: PLC0415 - `--help` stays quick

    report_info(model, uri, cache=cache, as_json=as_json)


@app.command()
def load(
    model: Model,
    *,
    flavour: Annotated[
        str, typer.Option(metavar="NAME", help="pyfunc, native, or one of MLflow's flavours.")
    ] = "pyfunc",
    cache: CacheDir = None,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Load a model, to see that this machine can, and fill the cache by that.

    A model may be a pickle, which runs code: load only what you trust.
    """
    from penstock.cli.model_report import report_load  # noqa: PLC0415 - `--help` stays quick

    report_load(model, uri, flavour=flavour, cache=cache, as_json=as_json)


@app.command()
def download(
    model: Model,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the files go; made if needed.")
    ],
    *,
    cache: CacheDir = None,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Copy the files of a model into a folder, from the cache where it has them."""
    from penstock.cli.model_report import report_download  # noqa: PLC0415 - `--help` stays quick

    report_download(model, uri, folder=folder, cache=cache, as_json=as_json)


@app.command()
def compare(first: Model, second: Model, *, as_json: AsJson = False, uri: ServerUri = None) -> None:
    """Show parameters, metrics and data of two models side by side; what differs is marked."""
    from penstock.cli.model_comparison import compare_models  # noqa: PLC0415 - `--help` stays quick

    compare_models(first, second, uri, as_json=as_json)
