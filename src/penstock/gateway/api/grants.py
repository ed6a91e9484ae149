"""Grants: administrators give any, and who manages a resource gives those on it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from penstock.errors import RequestRefused
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.api.grant_answers import Access, Explanation, GrantId, ListedGrant
from penstock.gateway.api.managed import find_resource, managed
from penstock.gateway.api.parameters import RowId, bad_request, read_kind, read_level
from penstock.gateway.own_request import parts_of, subject_of
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern, parse_pattern
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.scope import Scope

router = APIRouter(tags=["Grants"])


class NewGrant(BaseModel):
    """Body of `POST /v1/grant`."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(max_length=1024)
    kind: str = Field(max_length=64)
    pattern: str = Field(max_length=1024)
    level: str = Field(max_length=64)


@router.post("/v1/grant", responses=refusals(400, 403, 404, 504))
async def put_grant(request: Request, body: NewGrant) -> Result[GrantId]:
    """Set the level of a subject for a pattern; 403 without MANAGE on the very resource."""
    parts, kind, level = parts_of(request), read_kind(body.kind), read_level(body.level)
    pattern = parse_pattern(kind, body.pattern)
    resource = None if pattern.is_prefix else await find_resource(parts.lookup, pattern)
    _check_manager(await _scope(request), resource)
    if resource is not None and not pattern.names_id:
        pattern = Pattern(kind, resource.name, resource.id)
    grant_id = await run_in_threadpool(parts.grants.put, body.subject, pattern, level)
    return Result(data=GrantId(id=grant_id))


@router.get("/v1/grants", responses=refusals(404, 504))
async def list_grants(
    request: Request,
    subject: str | None = None,
    kind: str | None = None,
    pattern: str | None = None,
) -> Result[list[ListedGrant]]:
    """Return grants; those who are no administrators see the ones on what they manage."""
    parts, scope = parts_of(request), await _scope(request)
    found = await run_in_threadpool(
        parts.grants.list_grants,
        subject=subject,
        kind=None if kind is None else read_kind(kind),
        pattern=pattern,
    )
    seen = await managed(parts.lookup, scope, found)
    return Result(data=[ListedGrant.of(one) for one in seen])


@router.delete("/v1/grant/{grant_id}", responses=refusals(404, 504))
async def delete_grant(request: Request, grant_id: RowId) -> Done:
    """Take a grant back; 404 for an unknown one, and for one on what the caller does not manage."""
    parts, scope = parts_of(request), await _scope(request)
    grant = await run_in_threadpool(parts.grants.find, grant_id)
    if grant is None or not await managed(parts.lookup, scope, [grant]):
        raise RequestRefused(404, "RESOURCE_DOES_NOT_EXIST", f"there is no grant {grant_id}")
    await run_in_threadpool(parts.grants.delete, grant_id)
    return Done(message=f"grant {grant_id} deleted")


@router.get("/v1/access", responses=refusals(404, 504))
async def access(request: Request, kind: str, name: str) -> Result[Access]:
    """Return who may do what on a resource; 404 unless the caller manages it."""
    parts, scope = parts_of(request), await _scope(request)
    pattern = parse_pattern(read_kind(kind), name)
    resource = None if pattern.is_prefix else await find_resource(parts.lookup, pattern)
    if resource is None or scope.level(resource) < Level.MANAGE:
        raise RequestRefused(
            404, "RESOURCE_DOES_NOT_EXIST", f"there is no {kind} '{name}' that you manage"
        )
    found = await run_in_threadpool(parts.grants.list_grants, kind=resource.kind)
    return Result(
        data=Access(
            kind=kind,
            name=resource.name,
            default_level=parts.settings.default_level,
            grants=[ListedGrant.of(one) for one in found if one.pattern.matches(resource)],
        )
    )


@router.get("/v1/grant/explain", responses=refusals(403, 404, 504))
async def explain(
    request: Request, email: str, level: str, kind: str, name: str
) -> Result[Explanation]:
    """Say whether a user has a level on a resource, and by which grant; changes nothing.

    A resource that does not exist yet is judged by its name. 404 unless the caller manages it.
    """
    parts, wanted = parts_of(request), read_level(level)
    pattern = parse_pattern(read_kind(kind), name)
    if pattern.is_prefix:
        raise bad_request("name one resource, not a pattern")
    resource = await find_resource(parts.lookup, pattern)
    _check_manager(await _scope(request), resource)
    finding = await run_in_threadpool(
        parts.grants.explain, email, resource or Resource(pattern.kind, pattern.text)
    )
    return Result(
        data=Explanation(
            allowed=finding.level >= wanted,
            level=finding.level.name,
            grants=[ListedGrant.of(one) for one in finding.grants],
        )
    )


async def _scope(request: Request) -> Scope:
    return await parts_of(request).scopes.of(subject_of(request))


def _check_manager(scope: Scope, resource: Resource | None) -> None:
    if scope.is_admin:
        return
    level = Level.NONE if resource is None else scope.level(resource)
    if level < Level.MANAGE:
        raise RequestRefused(
            403, "PERMISSION_DENIED", "this takes MANAGE on the very resource, or an administrator"
        )
