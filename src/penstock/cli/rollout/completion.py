"""What the shell offers after a tab: experiments, versions, runs."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from penstock.cli.rollout.which import Which
    from penstock.rest import MlflowClient

MOST: Final = 50

Offer = tuple[str, str]


def complete_experiments(context: typer.Context, incomplete: str) -> list[Offer]:
    """Return the experiments that have a rollout."""
    return _ask(context, incomplete, _experiments)


def complete_versions(context: typer.Context, incomplete: str) -> list[Offer]:
    """Return the versions that have a plan, in the experiment of the line or in all."""
    return _ask(context, incomplete, _versions)


def complete_runs(context: typer.Context, incomplete: str) -> list[Offer]:
    """Return the runs that have a plan, in the experiment of the line or in all."""
    return _ask(context, incomplete, _runs)


def _ask(
    context: typer.Context,
    incomplete: str,
    find: "Callable[[MlflowClient, Which], Iterable[Offer]]",
) -> list[Offer]:
    from penstock.cli.rollout.connection import open_client  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.which import Which  # noqa: PLC0415 - the same
    from penstock.errors import PenstockError  # noqa: PLC0415 - the same

    given = context.params
    which = Which(given.get("experiment"), given.get("experiment_id"), given.get("submodel"))
    try:
        with open_client(given.get("uri")) as client:
            offers = find(client, which)
            return list(islice((one for one in offers if one[0].startswith(incomplete)), MOST))
    except PenstockError:
        return []  # a message would stand in the middle of the line that somebody types


def _experiments(client: "MlflowClient", _which: "Which") -> Iterator[Offer]:
    from penstock.cli.rollout.experiments import list_experiments  # noqa: PLC0415 - the same
    from penstock.cli.rollout.which import Which  # noqa: PLC0415 - the same

    for experiment in list_experiments(client, Which()):
        yield experiment.name, f"experiment {experiment.experiment_id}"


def _versions(client: "MlflowClient", which: "Which") -> Iterator[Offer]:
    from penstock.cli.rollout.scopes import list_plans  # noqa: PLC0415 - `--help` stays quick

    for found in list_plans(client, which):
        yield str(found.plan.version), str(found)


def _runs(client: "MlflowClient", which: "Which") -> Iterator[Offer]:
    from penstock.cli.rollout.listing import iter_present_rows  # noqa: PLC0415 - `--help` stays quick

    for row in iter_present_rows(client, which):
        seen = row.seen
        yield seen.run_id, f"{row.name}, {seen.submodel_name} {seen.version}, {seen.status.name}"
