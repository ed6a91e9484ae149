"""Tokens: everybody their own, administrators those of any user."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from starlette.concurrency import run_in_threadpool

from penstock.errors import RequestRefused
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.api.parameters import RowId
from penstock.gateway.own_request import parts_of, subject_of
from penstock.gateway.permissions.subject import TokenScope

router = APIRouter(tags=["Tokens"])


class NewToken(BaseModel):
    """Body of `POST /v1/token`; `expires_in` in seconds."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=1024)
    expires_in: StrictInt | None = None
    scope: Literal["read", "write"] = "write"
    user: str | None = Field(None, max_length=1024)


class MadeToken(BaseModel):
    """A new token; it is shown this once."""

    id: int
    token: str


class ListedToken(BaseModel):
    """One token, without what proves it."""

    id: int
    name: str
    user: str = Field(examples=["ann@example.org"])
    scope: str = Field(examples=["write"])
    created_at: datetime
    expires_at: datetime | None


@router.post("/v1/token", responses=refusals(403, 404))
async def create_token(request: Request, body: NewToken) -> Result[MadeToken]:
    """Make a token for the caller, or, by an administrator, for `user`.

    Made by a token it lives no longer than that one, which is also when it ends without
    `expires_in`.
    """
    subject = subject_of(request)
    token_id, token = await run_in_threadpool(
        parts_of(request).tokens.create,
        _owner(request, body.user),
        body.name,
        scope=TokenScope(body.scope),
        seconds=body.expires_in,
        until=subject.expires_at,
    )
    return Result(data=MadeToken(id=token_id, token=token))


@router.get("/v1/tokens", responses=refusals(403, 404))
async def list_tokens(request: Request, user: str | None = None) -> Result[list[ListedToken]]:
    """Return the caller's tokens, or, to an administrator, those of `user`."""
    found = await run_in_threadpool(parts_of(request).tokens.list_tokens, _owner(request, user))
    return Result(
        data=[
            ListedToken(
                id=one.id,
                name=one.name,
                user=one.email,
                scope=one.scope.value,
                created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in found
        ]
    )


@router.delete("/v1/token/{token_id}", responses=refusals(404))
async def revoke_token(request: Request, token_id: RowId) -> Done:
    """End a token at once; 404 for one that is not there, or not the caller's."""
    subject = subject_of(request)
    owner = None if subject.is_admin else subject.user_id
    await run_in_threadpool(parts_of(request).tokens.revoke, token_id, owner=owner)
    return Done(message=f"token {token_id} revoked")


def _owner(request: Request, user: str | None) -> str:
    subject = subject_of(request)
    if user is None or user == subject.email:
        return subject.email
    if not subject.is_admin:
        raise RequestRefused(
            403, "PERMISSION_DENIED", "the tokens of others are for administrators"
        )
    return user
