"""Rollouts: which runs are live, with which fractions, and how that came about."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Result
from penstock.gateway.api.instant import read_instant
from penstock.gateway.api.parameters import bad_request
from penstock.gateway.api.preconditions import IfNoneMatch, is_known
from penstock.gateway.api.rollout_plans import UNREADABLE, ListedPlans, ShownPlan, tagged
from penstock.gateway.api.rollout_scope import Readable, check_experiment, rollouts_of
from penstock.gateway.permissions.level import Level
from penstock.gateway.proxy.routes.own import PLAN
from penstock.gateway.rollouts.rollouts import Rollouts
from penstock.gateway.rollouts.told import MOST_REVISION
from penstock.rollout.gateway_store import MOST_LISTED
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope

router = APIRouter(tags=["Rollouts"])

MOST_ASKED = 100_000
REVISION = Query(ge=0, le=MOST_REVISION)


@router.get("/v1/rollouts", responses=refusals(404, 504))
async def list_rollouts(request: Request, experiment_id: str) -> ListedPlans:
    """Return all plans of an experiment, by submodel and version; takes READ on it.

    Where a tag of a plan holds none, `unreadable` says why, by the end of the tag's name.
    """
    await check_experiment(request, experiment_id, Level.READ)
    rollouts = rollouts_of(request)
    found = await rollouts.workers.run(partial(rollouts.reader.read_all, experiment_id))
    return ListedPlans(data=[ShownPlan.of(plan) for plan in found], unreadable=found.unreadable)


@router.get(
    PLAN,
    response_model=Result[ShownPlan],
    responses={**refusals(404, 504), **UNREADABLE, 304: {"description": "You have it."}},
)
async def read_rollout(  # noqa: PLR0913, PLR0917 - one for each argument
    request: Request,
    response: Response,
    scope: Readable,
    revision: Annotated[int | None, REVISION] = None,
    at: str | None = None,
    if_none_match: IfNoneMatch = None,
) -> Result[ShownPlan] | Response:
    """Return a plan; takes READ on its experiment.

    That of a `revision`, or of the moment `at`, in ISO 8601 or in milliseconds since 1970; by
    default the one that holds now. `ETag` is the revision, and `If-None-Match` saves who follows
    a plan the answer: 304 as long as there is no other. A plan that nobody has written yet is of
    revision 0, without runs.
    """
    if revision is not None and at is not None:
        raise bad_request("ask for a 'revision' or for a moment 'at', not for both")
    moment = None if at is None else read_instant("at", at)
    plan = await _find(rollouts_of(request), scope, revision=revision, moment=moment)
    if is_known(if_none_match, plan.revision):
        return Response(status_code=304, headers=tagged(plan))
    response.headers.update(tagged(plan))
    return Result(data=ShownPlan.of(plan))


@router.get(f"{PLAN}/history", responses=refusals(404, 504) | UNREADABLE)
async def list_revisions(
    request: Request,
    scope: Readable,
    limit: Annotated[int, Query(ge=1, le=MOST_ASKED)] = 100,
    before: Annotated[int | None, REVISION] = None,
) -> Result[list[ShownPlan]]:
    """Return the revisions of a plan: who made them, when, and the runs; the newest first.

    Takes READ on the experiment. At most 1000 come at a time, whatever the `limit`; `before`
    begins behind a revision, the last one of the page before.
    """
    rollouts = rollouts_of(request)
    read = partial(rollouts.reader.history, scope, before=before, limit=min(limit, MOST_LISTED))
    found = await rollouts.workers.run(read)
    return Result(data=[ShownPlan.of(plan) for plan in found])


async def _find(
    rollouts: Rollouts, scope: Scope, *, revision: int | None, moment: int | None
) -> Plan:
    reader, workers = rollouts.reader, rollouts.workers
    if revision is not None:
        return await workers.run(partial(reader.read_revision, scope, revision))
    if moment is not None:
        return await workers.run(partial(reader.read_at, scope, moment))
    # Of many who follow a plan, few have to wait for MLflow, and none for those.
    known = await run_in_threadpool(reader.find_known, scope)
    return await workers.run(partial(reader.read, scope)) if known is None else known
