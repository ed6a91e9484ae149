"""Changes of rollouts, each with the revision that it follows."""

from collections.abc import Callable
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from penstock.errors import PlanConflict
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Result
from penstock.gateway.api.preconditions import IfMatch, read_if_match
from penstock.gateway.api.rollout_plans import (
    UNREADABLE,
    NewPlan,
    Rollback,
    SavedRun,
    ShownPlan,
    moved_on,
    tagged,
)
from penstock.gateway.api.rollout_scope import Editable, Managed, rollouts_of
from penstock.gateway.own_request import subject_of
from penstock.gateway.proxy.routes.own import PLAN
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope

router = APIRouter(tags=["Rollouts"])

ANSWERS: Final = refusals(400, 403, 404, 412, 428, 504) | UNREADABLE


@router.put(PLAN, response_model=Result[ShownPlan], responses=ANSWERS)
async def replace_rollout(
    request: Request, response: Response, scope: Managed, body: NewPlan, if_match: IfMatch = None
) -> Result[ShownPlan] | JSONResponse:
    """Make exactly these runs what is said of them; takes MANAGE on the experiment.

    Live runs that are not named become Disabled. The fractions of the Active ones are in (0, 1]
    and add up to 1, all others have 0. `If-Match` says which revision the change follows; where
    there is another by now, nothing is changed, and the answer (412) holds the plan under `data`.
    What says the same as the present plan changes nothing. Runs and registered versions follow.
    """
    follows, rollouts = read_if_match(if_match), rollouts_of(request)
    change = partial(
        rollouts.writer.replace,
        scope,
        body.states(),
        follows=follows,
        actor=subject_of(request).email,
        note=body.note,
    )
    return await _change(request, response, scope, follows=follows, change=change)


@router.post(f"{PLAN}/rollback", response_model=Result[ShownPlan], responses=ANSWERS)
async def roll_back(
    request: Request, response: Response, scope: Managed, body: Rollback, if_match: IfMatch = None
) -> Result[ShownPlan] | JSONResponse:
    """Make the runs of an earlier revision live again, as a new one; takes MANAGE.

    `If-Match` is that of any change: the present revision, not the earlier one.
    """
    follows, rollouts = read_if_match(if_match), rollouts_of(request)
    change = partial(
        rollouts.writer.rollback,
        scope,
        body.revision,
        follows=follows,
        actor=subject_of(request).email,
        note=body.note,
    )
    return await _change(request, response, scope, follows=follows, change=change)


@router.post(f"{PLAN}/runs", responses=refusals(400, 403, 404, 504) | UNREADABLE)
async def declare_run(
    request: Request, response: Response, scope: Editable, body: SavedRun
) -> Result[ShownPlan]:
    """Tell of a run that has been saved; takes EDIT on the experiment.

    It becomes New: the metrics `active_state` and `test_fraction` of the run say so, and its tags.
    Nothing happens to a run that has been told of before. The plan does not change.
    """
    rollouts = rollouts_of(request)
    plan = await rollouts.workers.run(partial(rollouts.writer.declare, scope, body.run_id))
    response.headers.update(tagged(plan))
    return Result(data=ShownPlan.of(plan))


async def _change(
    request: Request,
    response: Response,
    scope: Scope,
    *,
    follows: int,
    change: Callable[[], Plan],
) -> Result[ShownPlan] | JSONResponse:
    rollouts = rollouts_of(request)
    try:
        plan = await rollouts.workers.run(change)
    except PlanConflict:
        present = await rollouts.workers.run(partial(rollouts.reader.read, scope))
        return moved_on(present, follows)
    response.headers.update(tagged(plan))
    return Result(data=ShownPlan.of(plan))
