"""The scope that a path below `/v1/rollout` names, for callers who may do what they ask."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Path, Request

from penstock.gateway.api.parameters import bad_request
from penstock.gateway.judge import Judge
from penstock.gateway.own_request import parts_of, subject_of
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.targets.directory import is_experiment_id
from penstock.gateway.rollouts.rollouts import Rollouts
from penstock.gateway.rollouts.told import MOST_SUBMODEL, is_submodel
from penstock.gateway.unknown import unknown
from penstock.rollout.scope import Scope
from penstock.semver import parse_version

T = TypeVar("T")

Submodel = Annotated[str, Path(description="Percent-encoded; a `/` in the name travels as `%2F`.")]


async def check_experiment(request: Request, experiment_id: str, level: Level) -> None:
    """Refuse who has not the level on an experiment, and what is none. Raises RequestRefused."""
    judge: Judge = request.app.state.judge
    reference = Reference(Named.EXPERIMENT, experiment_id, level)
    if not is_experiment_id(experiment_id):
        raise unknown(reference)
    await judge.check(subject_of(request), [reference])


def scope_for(level: Level) -> Callable[..., Awaitable[Scope]]:
    """Return what finds the scope of a path, and refuses those who have not the level on it."""

    async def find(request: Request, experiment_id: str, submodel: Submodel, version: str) -> Scope:
        # These stand here as they were sent: see where a path is handed over.
        scope = _read(unquote(experiment_id), unquote(submodel), unquote(version))
        await check_experiment(request, scope.experiment_id, level)
        return scope

    return find


Readable = Annotated[Scope, Depends(scope_for(Level.READ))]
Editable = Annotated[Scope, Depends(scope_for(Level.EDIT))]
Managed = Annotated[Scope, Depends(scope_for(Level.MANAGE))]


def rollouts_of(request: Request) -> Rollouts:
    """Return the rollouts of the gateway."""
    return parts_of(request).rollouts


def _read(experiment_id: str, submodel: str, version: str) -> Scope:
    if not is_submodel(submodel):
        raise bad_request(
            f"a submodel's name has 1 to {MOST_SUBMODEL} characters, and is neither '.' nor '..'"
        )
    try:
        return Scope(experiment_id, submodel, parse_version(version))
    except ValueError as error:
        raise bad_request(str(error)) from error
