"""Who is calling."""

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from penstock.gateway.api.envelope import Result
from penstock.gateway.own_request import parts_of, subject_of

router = APIRouter(tags=["Accounts"])


class Me(BaseModel):
    """The caller, as the gateway knows them."""

    email: str
    is_admin: bool
    groups: list[str]
    token: str | None


@router.get("/v1/me")
async def me(request: Request) -> Result[Me]:
    """Return the proven identity of the caller."""
    subject = subject_of(request)
    groups = await run_in_threadpool(parts_of(request).groups.of, subject.user_id)
    return Result(
        data=Me(
            email=subject.email,
            is_admin=subject.is_admin,
            groups=list(groups),
            token=subject.token_name,
        )
    )
