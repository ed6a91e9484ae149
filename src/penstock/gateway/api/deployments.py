"""Deployments: models that answer requests of their own, and how they came about."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from penstock.deployments.spec import LABEL, Target
from penstock.errors import AccessRefused
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.deployment_documents import (
    Deployed,
    DeploymentPage,
    NewDeployment,
    RollbackTo,
    ShownDeployment,
    ShownStatus,
    Undeployment,
    shown,
    shown_status,
)
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.db.deployments import Deployment, Status
from penstock.gateway.deployments.deployments import Deployments
from penstock.gateway.deployments.desk import Wish
from penstock.gateway.deployments.model_access import reference_to
from penstock.gateway.judge import Judge
from penstock.gateway.own_request import parts_of, subject_of
from penstock.gateway.proxy.routes.own import SERVE

router = APIRouter(tags=["Deployments"])

ServeName = Annotated[str, Path(max_length=63, pattern=LABEL)]
EnvName = Annotated[str, Path(max_length=63, pattern=LABEL)]
MOST_LISTED = 100
MOST_PAGE = 1_000_000


@router.post(f"{SERVE}/deploy-model", responses=refusals(400, 403, 404, 409, 504))
async def deploy_model(request: Request, body: NewDeployment) -> Deployed:
    """Deploy a model under a name; takes READ on the model, and that the name is the caller's.

    The URI is resolved, the file `MLmodel` read, and what the model needs compared with what is
    installed, before anything starts: 400 lists what is missing, unless `ignore_requirements`. An
    alias or a stage means the version that it names now. The answer comes at once; the status
    becomes `RUNNING` when the model is loaded, and the deployment that ran before ends then.
    Only administrators deploy, unless `PENSTOCK_DEPLOYERS` says `users`.
    """
    wish = Wish(body.spec(), Target(body.target), ignores_requirements=body.ignore_requirements)
    return await _deploy(request, wish)


@router.post(f"{SERVE}/undeploy-model", responses=refusals(403, 404))
async def undeploy_model(request: Request, body: Undeployment) -> Done:
    """End what runs under a name in an environment; for its owner, and administrators."""
    deployments = _deployments(request)
    stop = partial(deployments.desk.stop, body.serve_name, body.env, subject_of(request))
    await deployments.workers.run(stop)
    return Done(message=f"{body.serve_name} is no longer deployed in {body.env}")


@router.get(f"{SERVE}/{{serve_name}}/status/{{env}}", responses=refusals(404))
async def read_status(request: Request, serve_name: ServeName, env: EnvName) -> Result[ShownStatus]:
    """Return the newest deployment in an environment, and the one that answers.

    For the owner of the name, and administrators; to others it is unknown.
    """
    deployments = _deployments(request)
    read = partial(deployments.desk.look, serve_name, env, subject_of(request))
    newest, running = await deployments.workers.run(read)
    active = None if running is None else _shown(deployments, running)
    state = deployments.desk.find_state(newest)
    return Result(data=shown_status(newest, state, active))


@router.get(f"{SERVE}/{{serve_name}}/deployments", responses=refusals(404))
async def list_deployments(
    request: Request,
    serve_name: ServeName,
    status: Status | None = None,
    page: Annotated[int, Query(ge=1, le=MOST_PAGE)] = 1,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
) -> DeploymentPage:
    """Return all deployments under a name, in every environment, the newest first.

    For the owner of the name, and administrators. `status` is the one that is written down: one
    that restarts counts as `RUNNING`.
    """
    deployments = _deployments(request)
    read = partial(
        deployments.desk.history,
        serve_name,
        subject_of(request),
        status=status,
        page=page,
        limit=limit,
    )
    rows, total = await deployments.workers.run(read)
    data = [_shown(deployments, row) for row in rows]
    return DeploymentPage(data=data, page=page, limit=limit, total=total)


@router.post(f"{SERVE}/{{serve_name}}/rollback", responses=refusals(400, 403, 404, 409, 504))
async def roll_back_deployment(
    request: Request, serve_name: ServeName, body: RollbackTo
) -> Deployed:
    """Deploy an earlier deployment's model again, the very version it was, as a new deployment.

    Takes what deploying it takes, READ on the model included.
    """
    deployments = _deployments(request)
    subject = subject_of(request)
    read = partial(deployments.desk.register.get, serve_name, body.env, body.deployment_id, subject)
    earlier = await deployments.workers.run(read)
    return await _deploy(request, _again(earlier))


async def _deploy(request: Request, wish: Wish) -> Deployed:
    deployments, subject = _deployments(request), subject_of(request)
    name = wish.spec.serve_name
    if parts_of(request).settings.deployers != "users" and not subject.is_admin:
        raise AccessRefused(
            403,
            "PERMISSION_DENIED",
            "models are deployed by administrators here; ask one of them, or let them set "
            "PENSTOCK_DEPLOYERS=users",
            target=f"deployment:{name}",
        )
    judge: Judge = request.app.state.judge
    await judge.check(subject, [reference_to(wish.spec.model_uri)])
    row = await deployments.workers.run(partial(deployments.desk.deploy, wish, subject))
    return Deployed(service_url=row.service_url, data=_shown(deployments, row))


def _again(earlier: Deployment) -> Wish:
    """Return the wish for a deployment as it was, of the version that its URI meant then."""
    spec = replace(earlier.spec, model_uri=earlier.resolved_uri)
    return Wish(spec, earlier.target, restores=earlier.id)


def _deployments(request: Request) -> Deployments:
    return parts_of(request).deployments


def _shown(deployments: Deployments, row: Deployment) -> ShownDeployment:
    return shown(row, deployments.desk.find_state(row))
