"""`penstock rollout list` and `show`: what is live."""

from typing import Annotated

import typer

from penstock.cli.options import AsJson, ServerUri
from penstock.cli.rollout.completion import complete_versions
from penstock.cli.rollout.options import Experiment, ExperimentId, Submodel
from penstock.cli.rollout.which import Which

EVERYTHING = "Show Disabled runs too."


def list_runs(
    *,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    version: Annotated[
        str | None,
        typer.Option(metavar="RANGE", help="Of these versions: 1.4.0, '1.4.*', '>=1.2,<2'."),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help=EVERYTHING)] = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """List runs with their status and share of the traffic.

    Without an experiment: those of all experiments with a rollout.
    """
    from penstock.cli.rollout.listing import list_rows, show_rows  # noqa: PLC0415 - quick `--help`

    which = Which(experiment, experiment_id, submodel, version)
    show_rows(list_rows(uri, which, is_all=is_all), as_json=as_json)


def show(
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="VERSION",
            help="Semantic version, such as 1.4.0.",
            autocompletion=complete_versions,
            show_default="the only one there is",
        ),
    ] = None,
    *,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    revision: Annotated[
        int | None, typer.Option(metavar="N", help="As it was in this revision.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As it was then: 2d, 90m, or 2026-01-31T12:00Z."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Show this metric, instead of four; may be repeated."),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help=EVERYTHING)] = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Show the plan of a version: its runs, their shares and metrics, who released it and when."""
    from penstock.cli.rollout.showing import Moment, View, show_one  # noqa: PLC0415 - quick `--help`

    if revision is not None and at is not None:
        raise typer.BadParameter("pass either --revision or --at")
    show_one(
        uri,
        Which(experiment, experiment_id, submodel, version),
        Moment(revision, at),
        View(metric or [], is_all, as_json),
    )
