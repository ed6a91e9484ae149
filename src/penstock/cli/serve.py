"""`penstock serve`: an inference server whose traffic is the rollout."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import typer.core

from penstock.cli.options import AsJson, Host, ServingData, port_option

START: Final = "start"


class Engine(StrEnum):
    """Where models run."""

    LOCAL = "local"
    RAY = "ray"


class _StartsByDefault(typer.core.TyperGroup):
    """`penstock serve …` is `penstock serve start …`, unless another command is named."""

    default = START

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a class of Typer's own
        first = args[0] if args else "--help"
        if first not in self.commands and first not in ctx.help_option_names:
            args = [START, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_StartsByDefault,
    no_args_is_help=True,
    help="Serve models; a rollout's live runs share the requests.",
)


@app.command(START)
def start(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL", help="A model's URI, models:/churn@champion, instead of a rollout."
        ),
    ] = None,
    *,
    experiment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Experiment of the rollout.")
    ] = None,
    experiment_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The same by its id.")
    ] = None,
    model_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Version, 1.4.0, or range, 1.4.*: its newest one that is live.",
            show_default="all",
        ),
    ] = None,
    submodel: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Submodel.", show_default="the experiment's name"),
    ] = None,
    host: Host = None,
    port: Annotated[int | None, port_option(9000)] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes that predict.", show_default="1"),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            help="Where models run: in these processes, or on a Ray cluster.", show_default="local"
        ),
    ] = None,
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Head of the Ray cluster to join.",
            show_default="a cluster of this machine",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the plan last seen, and of feedback.",
            show_default="./penstock-data/serving",
        ),
    ] = None,
) -> None:
    """Serve a rollout's live runs, or one model, and follow its changes."""
    from penstock.cli.extras import require_ray, require_serving  # noqa: PLC0415 - `--help` stays quick

    require_serving("serve")
    from penstock.cli.exposure import warn_of_exposure  # noqa: PLC0415 - the same
    from penstock.cli.settings import read_settings  # noqa: PLC0415 - the same
    from penstock.serving.aim import parse_aim  # noqa: PLC0415 - needs the extra
    from penstock.serving.server import run  # noqa: PLC0415 - needs the extra
    from penstock.serving.settings import read_serve_settings  # noqa: PLC0415 - the same

    aim = parse_aim(
        model,
        experiment=experiment,
        experiment_id=experiment_id,
        version=model_version,
        submodel=submodel,
    )
    given = None if data is None else str(data)
    settings = read_serve_settings(
        read_settings(),
        host=host,
        port=port,
        workers=workers,
        data_dir=given,
        engine=None if engine is None else engine.value,
        ray_address=ray_address,
    )
    warn_of_exposure(settings.host)
    if settings.engine == "ray":
        require_ray("serve --engine ray")
        if settings.routers == "here":
            from penstock.serving.beside_ray import run_beside_ray  # noqa: PLC0415 - the same

            run_beside_ray(aim, settings)
            return
    run(aim, settings)


@app.command()
def report(
    *,
    data: ServingData = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it into this SVG file; of one server alone."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what is served by this name.", show_default="all"),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Id of the run that the others are compared with.",
            show_default="the one with the largest share",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how the runs compare: counts, errors, latency, outcomes, and how sure a difference is.

    The bounds hold however often one looks. It reads the files of a data folder, whether the
    server runs or not; a running one also answers GET /report and GET /report.svg.
    """
    from penstock.cli.serve_report import show_reports  # noqa: PLC0415 - `--help` stays quick

    show_reports(data, name=name, against=against, picture=picture, as_json=as_json)
