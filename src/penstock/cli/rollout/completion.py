"""What the shell offers after a tab: experiments, versions, runs."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from penstock.cli.rollout.rows import Row
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


def complete_shares(context: typer.Context, incomplete: str) -> list[Offer]:
    """Return runs as the beginning of RUN=SHARE; after the first, others of its version alone."""
    words = context.params.get("shares") or ()
    return _ask(context, incomplete, partial(_shares, named=[text.split("=")[0] for text in words]))


def _ask(
    context: typer.Context,
    incomplete: str,
    find: "Callable[[MlflowClient, Which], Iterable[Offer]]",
) -> list[Offer]:
    from penstock.cli.rollout.connection import open_client  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.which import Which  # noqa: PLC0415 - the same
    from penstock.errors import PenstockError  # noqa: PLC0415 - the same

    given = context.params
    which = Which(*map(given.get, Which._fields))
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
        yield row.seen.run_id, _describe(row)


def _shares(client: "MlflowClient", which: "Which", *, named: Collection[str]) -> Iterator[Offer]:
    from penstock.cli.rollout.listing import iter_present_rows  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.run_ids import SHORTEST  # noqa: PLC0415 - the same

    beginnings = tuple(word for word in named if len(word) >= SHORTEST)
    rows = [row for row in iter_present_rows(client, which) if row.run is not None]
    chosen = {row.seen.run_id: row.scope for row in rows if row.seen.run_id.startswith(beginnings)}
    for row in rows:
        is_fitting = not chosen or row.scope in chosen.values()
        if is_fitting and row.seen.run_id not in chosen:
            yield f"{row.seen.run_id}=", _describe(row)


def _describe(row: "Row") -> str:
    return f"{row.name}, {row.seen.submodel_name} {row.seen.version}, {row.status}"
