"""`penstock rollout ramp`: a run gets its traffic step by step."""

from typing import Annotated

import typer

from penstock.cli.options import AsJson, ServerUri, ServingData
from penstock.cli.rollout.manner import Manner
from penstock.cli.rollout.options import Experiment, IsAgreed, IsDryRun, Run


def ramp(
    run: Run,
    *,
    steps: Annotated[
        str, typer.Option(metavar="PERCENT,…", help="Shares that it gets one after another.")
    ] = "1,5,25,100",
    every: Annotated[
        str, typer.Option(metavar="TIME", help="How long each step lasts: 45s, 10m, 1h.")
    ] = "10m",
    guards: Annotated[
        list[str] | None,
        typer.Option(
            "--guard",
            metavar="GUARD",
            help="What must hold: error_rate<1%, p99<200ms, p99<=baseline*1.2, "
            "outcome>=baseline; again for more.",
        ),
    ] = None,
    requests: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Requests of a step that a guard judges, and that it waits for.",
        ),
    ] = 100,
    servers: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            metavar="URL",
            help="A penstock serve whose report the guards go by; again for more.",
            show_default="--data",
        ),
    ] = None,
    data: ServingData = None,
    experiment: Experiment = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Give a run more and more of the traffic, while guards hold; go back when one breaks.

    The same command goes on with a ramp that was interrupted. It ends, and leaves the plan as it
    is, when somebody else changes the plan.
    """
    from penstock.cli.duration import parse_duration  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.ramp_work import Asked, carry_out_ramp  # noqa: PLC0415 - the same
    from penstock.rollout.ramps.guards import parse_guard  # noqa: PLC0415 - the same
    from penstock.rollout.ramps.steps import parse_steps  # noqa: PLC0415 - the same

    asked = Asked(
        run,
        experiment,
        parse_steps(steps),
        parse_duration(every),
        tuple(map(parse_guard, guards or ())),
        requests,
        tuple(servers or ()),
        data,
    )
    carry_out_ramp(asked, Manner(is_dry_run, is_agreed, as_json, uri))
