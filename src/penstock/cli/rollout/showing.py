"""One plan with its runs, as it is and as it was."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from penstock.cli import output
from penstock.cli.moment import parse_moment
from penstock.cli.rollout.connection import open_client
from penstock.cli.rollout.plan_view import plan_as_json, show_plan
from penstock.cli.rollout.rows import Row, in_order, iter_rows, list_live_rows, row_as_json
from penstock.cli.rollout.scopes import Found, get_plan
from penstock.cli.rollout.which import Which
from penstock.rest import MlflowClient
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import Plan
from penstock.rollout.revisions import check_revision
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.rollout.store import find_store
from penstock.semver import VersionRange


class Moment(NamedTuple):
    """Which revision is asked for: by number, by time, or the present one."""

    revision: int | None = None
    time: str | None = None

    @property
    def is_now(self) -> bool:
        """Whether it is the present one."""
        return self.revision is None and self.time is None


class View(NamedTuple):
    """What of it is to be seen."""

    metrics: Sequence[str]
    is_all: bool
    as_json: bool


def show_one(uri: str | None, which: Which, moment: Moment, view: View) -> None:
    """Show the plan that the options leave."""
    with open_client(uri) as client:
        found = get_plan(client, which)
        if moment.is_now:
            rows = _present_rows(client, found, is_all=view.is_all)
        else:
            found = found._replace(plan=get_plan_of(client, found.plan.scope, moment))
            rows = in_order(list_live_rows(client, found.experiment, found.plan))
    if view.as_json:
        runs = [row_as_json(row) for row in rows]
        output.say_json({**plan_as_json(found.plan), "runs": runs})
        return
    show_plan(str(found), found.plan, rows, view.metrics)


def get_plan_of(client: MlflowClient, scope: Scope, moment: Moment) -> Plan:
    """Return an earlier revision of a plan. Raises InvalidRollout for none that there was."""
    store = find_store(client)
    if moment.revision is not None:
        return store.get_revision(scope, check_revision(moment.revision))
    return store.get_plan_at(scope, parse_moment(moment.time or "", datetime.now(UTC)))


def _present_rows(client: MlflowClient, found: Found, *, is_all: bool) -> list[Row]:
    rows = iter_rows(
        client,
        found.experiment,
        PlanList([found.plan]),
        submodel=found.plan.submodel_name,
        versions=VersionRange.exactly(found.plan.version),
    )
    return in_order(row for row in rows if is_all or row.seen.status is not ModelStatus.Disabled)
