"""Who is calling."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from penstock.gateway.api.envelope import Result
from penstock.gateway.permissions.subject import Subject

router = APIRouter()


class Me(BaseModel):
    """The caller, as the gateway knows them."""

    email: str
    is_admin: bool


@router.get("/v1/me")
async def me(request: Request) -> Result[Me]:
    """Return the proven identity of the caller."""
    subject: Subject = request.scope["penstock.subject"]
    return Result(data=Me(email=subject.email, is_admin=subject.is_admin))
