"""Groups, for administrators."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.own_request import parts_of

router = APIRouter(tags=["Groups"])


class NewGroup(BaseModel):
    """Body of `POST /v1/group`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=1024)


class ListedGroup(BaseModel):
    """One group of `GET /v1/groups`."""

    name: str
    members: list[str]


@router.post("/v1/group", responses=refusals(409))
async def add_group(request: Request, body: NewGroup) -> Done:
    """Make a group; 400 for a bad name, 409 for a taken one."""
    await run_in_threadpool(parts_of(request).groups.add, body.name)
    return Done(message=f"group '{body.name}' created")


@router.get("/v1/groups")
async def list_groups(request: Request) -> Result[list[ListedGroup]]:
    """Return all groups, by name."""
    found = await run_in_threadpool(parts_of(request).groups.list_groups)
    return Result(data=[ListedGroup(name=one.name, members=list(one.members)) for one in found])


@router.delete("/v1/group/{name}", responses=refusals(404))
async def delete_group(request: Request, name: str) -> Done:
    """Delete a group, with its grants; 404 for an unknown one."""
    await run_in_threadpool(parts_of(request).groups.delete, name)
    return Done(message=f"group '{name}' deleted")


@router.put("/v1/group/{name}/member/{email}", responses=refusals(404))
async def add_member(request: Request, name: str, email: str) -> Done:
    """Make a user a member; 404 for an unknown user or group."""
    await run_in_threadpool(parts_of(request).groups.set_member, name, email, is_member=True)
    return Done(message=f"'{email}' is a member of '{name}'")


@router.delete("/v1/group/{name}/member/{email}", responses=refusals(404))
async def remove_member(request: Request, name: str, email: str) -> Done:
    """End a membership; 404 for an unknown user or group."""
    await run_in_threadpool(parts_of(request).groups.set_member, name, email, is_member=False)
    return Done(message=f"'{email}' is no member of '{name}'")
