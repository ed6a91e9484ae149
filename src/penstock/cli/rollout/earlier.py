"""`penstock rollout history`, `at` and `diff`: what was live, and when."""

from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.options import AsJson, ServerUri
from penstock.cli.rollout.options import (
    Experiment,
    ExperimentId,
    Submodel,
    Version,
)
from penstock.cli.rollout.which import Which

if TYPE_CHECKING:
    from penstock.cli.rollout.transition import Transition

Revision = Annotated[int, typer.Argument(metavar="REVISION", help="Number of the revision.")]


def history(
    *,
    version: Version = None,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    limit: Annotated[int, typer.Option(min=1, help="Most revisions to show, the newest.")] = 20,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """List the revisions of a plan, the newest first: when, by whom, and what was live."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.connection import open_client  # noqa: PLC0415 - the same
    from penstock.cli.rollout.plan_view import plan_as_json, show_history  # noqa: PLC0415 - same
    from penstock.cli.rollout.scopes import get_plan  # noqa: PLC0415 - the same
    from penstock.rollout.store import find_store  # noqa: PLC0415 - the same

    with open_client(uri) as client:
        found = get_plan(client, Which(experiment, experiment_id, submodel, version))
        plans = find_store(client).read_history(found.plan.scope, limit)
    if as_json:
        output.say_json([plan_as_json(plan) for plan in plans])
    elif plans:
        output.say(str(found))
        show_history(plans)
    else:
        output.say(f"{found}: nothing was released yet")


def at(
    time: Annotated[
        str, typer.Argument(metavar="TIME", help="2d or 90m ago, or 2026-01-31T12:00Z.")
    ],
    *,
    version: Annotated[
        str | None,
        typer.Option(metavar="RANGE", help="Of these versions: 1.4.0, '1.4.*', '>=1.2,<2'."),
    ] = None,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """List the runs that were live at a time.

    Without an experiment: those of all experiments with a rollout.
    """
    from penstock.cli.rollout.listing import (  # noqa: PLC0415 - `--help` stays quick
        list_rows_at,
        show_rows,
    )

    which = Which(experiment, experiment_id, submodel, version)
    show_rows(list_rows_at(uri, which, time), as_json=as_json)


def diff(
    first: Revision,
    second: Revision,
    *,
    version: Version = None,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Show what differs between two revisions of a plan."""
    from penstock.cli.rollout.connection import open_client  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.consent import find_names  # noqa: PLC0415 - the same
    from penstock.cli.rollout.scopes import get_plan  # noqa: PLC0415 - the same
    from penstock.cli.rollout.showing import Moment, get_plan_of  # noqa: PLC0415 - the same
    from penstock.cli.rollout.transition import Transition  # noqa: PLC0415 - the same

    with open_client(uri) as client:
        found = get_plan(client, Which(experiment, experiment_id, submodel, version))
        before, after = (
            get_plan_of(client, found.plan.scope, Moment(revision)) for revision in (first, second)
        )
        transition = Transition(before, after)
        names = find_names(client, transition)
    _show_difference(str(found), transition, names, as_json=as_json)


def _show_difference(
    name: str, transition: "Transition", names: dict[str, str], *, as_json: bool
) -> None:
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.transition_view import (  # noqa: PLC0415 - the same
        differences_as_json,
        show_transition,
    )

    if as_json:
        output.say_json(differences_as_json(transition))
    elif not transition.steps():
        output.say(f"{name}: both revisions have the same runs live, with the same shares")
    else:
        show_transition(name, transition, names)
