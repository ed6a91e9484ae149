"""`penstock lineage`: what models came from, over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.lineage_form import Form, complete_experiment
from penstock.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="See what models came from, and compare versions.")

What = Annotated[
    str,
    typer.Argument(
        metavar="WHAT", help="A run's id; or, with --experiment, the id of a resource, its newest."
    ),
]
Experiment = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="MLflow experiment of a resource.", autocompletion=complete_experiment
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of the gateway or MLflow server.",
        show_default="PENSTOCK_URL or MLFLOW_TRACKING_URI",
    ),
]


@app.command()
def show(
    what: What,
    *,
    experiment: Experiment = None,
    form: Annotated[Form, typer.Option("--format", help="How to show the graph.")] = Form.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    uri: Address = None,
) -> None:
    """Show what the model versions of a run, or one resource, came from.

    The text is a tree: first what it was made from, then what was made of it.
    """
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.lineage_report import draw, open_catalog  # noqa: PLC0415 - the same

    with open_catalog(uri) as catalog:
        graph = catalog.graph_of_what(what, experiment)
        for line in draw(graph, Form.JSON if as_json else form):
            output.say(line)


@app.command("list")
def list_versions(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[WHAT]", help="A run's id, or a resource's with --experiment."),
    ] = None,
    *,
    experiment: Experiment = None,
    limit: Annotated[int, typer.Option(min=1, help="Most runs to show, the newest.")] = 20,
    as_json: AsJson = False,
    uri: Address = None,
) -> None:
    """List what a run, or the newest runs of an experiment, made; the newest first."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.lineage_report import list_rows, open_catalog  # noqa: PLC0415 - the same

    with open_catalog(uri) as catalog:
        found = list_rows(catalog, what, experiment, limit)
    if as_json:
        output.say_json([row._asdict() for row in found])
        return
    columns = ("RESOURCE", "KIND", "STATUS", "RUN", "RUN STATUS", "STARTED")
    output.say_table(columns, [[cell or "" for cell in row] for row in found])


@app.command()
def compare(
    first: What,
    second: What,
    *,
    experiment: Experiment = None,
    resource: Annotated[
        str | None, typer.Option(metavar="ID", help="The model, where runs made several.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what both have in common.")
    ] = False,
    as_json: AsJson = False,
    uri: Address = None,
) -> None:
    """Show what two versions differ in: data, commits, winner, params, metrics, status."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.lineage_report import compare_rows, open_catalog  # noqa: PLC0415 - the same

    with open_catalog(uri) as catalog:
        chosen = (catalog.get_what(what, experiment, resource) for what in (first, second))
        rows = compare_rows(catalog, *chosen, everything=everything)
    if as_json:
        output.say_json([row._asdict() for row in rows])
        return
    shown = [[row.what, *("" if it is None else str(it) for it in row[1:])] for row in rows]
    output.say_table(("WHAT", "FIRST", "SECOND"), shown)


@app.command()
def export(
    what: What,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="File to write, or replace.", show_default="standard output"
        ),
    ] = None,
    *,
    experiment: Experiment = None,
    form: Annotated[
        Form, typer.Option("--format", help="What to write; events stand in a line each.")
    ] = Form.OPENLINEAGE,
    uri: Address = None,
) -> None:
    """Write a graph to a file, as OpenLineage events unless another format is given."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.lineage_report import draw, open_catalog  # noqa: PLC0415 - the same
    from penstock.cli.written_file import written_file  # noqa: PLC0415 - the same

    with open_catalog(uri) as catalog:
        lines = draw(catalog.graph_of_what(what, experiment), form)
    if file is None:
        for line in lines:
            output.say(line)
        return
    count = written_file(file, lines)
    output.say(f"{count} line{'' if count == 1 else 's'} written to {file}")
