"""The runs of many rollouts, as they are and as they were."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from penstock.cli import output
from penstock.cli.moment import parse_moment
from penstock.cli.rollout.connection import open_client
from penstock.cli.rollout.experiments import list_experiments
from penstock.cli.rollout.rows import Row, cells, in_order, iter_rows, list_live_rows, row_as_json
from penstock.cli.rollout.scopes import list_plans
from penstock.cli.rollout.which import Which
from penstock.rest import MlflowClient
from penstock.rollout.runs import check_range
from penstock.rollout.status import ModelStatus
from penstock.rollout.store import find_store


def list_rows(uri: str | None, which: Which, *, is_all: bool) -> list[Row]:
    """Return the runs that the options leave, Disabled ones only if all are wanted."""
    check_range(which.version)
    with open_client(uri) as client:
        rows = list(iter_present_rows(client, which))
    return in_order(row for row in rows if is_all or _is_shown(row))


def iter_present_rows(client: MlflowClient, which: Which) -> Iterator[Row]:
    """Yield all runs that the options leave, as they are."""
    store, versions = find_store(client), check_range(which.version)
    for experiment in list_experiments(client, which):
        plans = store.read_all(experiment.experiment_id)
        yield from iter_rows(client, experiment, plans, submodel=which.submodel, versions=versions)


def list_rows_at(uri: str | None, which: Which, time: str) -> list[Row]:
    """Return the runs that were live at a time."""
    moment = parse_moment(time, datetime.now(UTC))
    with open_client(uri) as client:
        store = find_store(client)
        rows: list[Row] = []
        for experiment, present in list_plans(client, which, check_range(which.version)):
            plan = store.get_plan_at(present.scope, moment)
            rows += list_live_rows(client, experiment, plan)
    return in_order(rows)


def _is_shown(row: Row) -> bool:
    return row.trouble is not None or row.seen.status is not ModelStatus.Disabled


def show_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    """Show runs of several rollouts as a table, or as one JSON document."""
    for trouble in dict.fromkeys(row.trouble for row in rows if row.trouble):
        output.warn(trouble)
    if as_json:
        output.say_json([row_as_json(row) for row in rows])
        return
    if not rows:
        output.say("no such run of a rollout")
        return
    columns = ("EXPERIMENT", "SUBMODEL", "VERSION", "RUN", "NAME", "STATUS", "SHARE")
    output.say_table(
        columns,
        [
            (row.experiment.name, row.seen.submodel_name, str(row.seen.version), *told)
            for row, told in zip(rows, cells(rows), strict=True)
        ],
    )
