"""Arguments and options that the commands of `penstock rollout` share."""

from typing import Annotated

import typer

from penstock.cli.rollout.completion import complete_experiments, complete_runs, complete_versions

Experiment = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Name of the experiment.", autocompletion=complete_experiments
    ),
]
ExperimentId = Annotated[
    str | None, typer.Option(metavar="ID", help="Id of the experiment, in place of its name.")
]
Submodel = Annotated[str | None, typer.Option(metavar="NAME", help="Name of the submodel.")]
Version = Annotated[
    str | None,
    typer.Option(
        metavar="VERSION",
        help="Semantic version, such as 1.4.0.",
        autocompletion=complete_versions,
        show_default="the only one there is",
    ),
]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Id of the run, or its beginning.", autocompletion=complete_runs
    ),
]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, in a line for the history.")]
IsDryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
]
IsAgreed = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask; without a terminal nothing is asked.")
]
