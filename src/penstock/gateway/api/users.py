"""Accounts, for administrators."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool
from starlette.concurrency import run_in_threadpool

from penstock.errors import AccessRefused, RequestRefused
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.own_request import parts_of, subject_of, visit_of

router = APIRouter(tags=["Accounts"])


class NewUser(BaseModel):
    """Body of `POST /v1/user`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str | None = Field(None, max_length=1024)
    username: str | None = Field(None, max_length=1024)
    password: SecretStr | None = None
    is_admin: StrictBool = False
    service_account: StrictBool = False


class SentInvitation(BaseModel):
    """A link that sets a password, once; shown this once."""

    invitation: str
    expires_at: datetime


class Invited(Done):
    """Done; `data` is the way to a first password, where there is one."""

    data: SentInvitation | None = None


class UserChange(BaseModel):
    """Body of `PUT /v1/user/{email}`."""

    model_config = ConfigDict(extra="forbid")

    is_admin: StrictBool | None = None
    disabled: StrictBool | None = None


class NewPassword(BaseModel):
    """Body of `PUT /v1/user/{email}/password`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    password: SecretStr
    current: SecretStr | None = None


class ListedUser(BaseModel):
    """One account of `GET /v1/users`."""

    email: str
    is_admin: bool
    disabled: bool


@router.post("/v1/user", response_model_exclude_none=True, responses=refusals(409))
async def add_user(request: Request, body: NewUser) -> Invited:
    """Make an account; without a password it is invited to set one.

    A service account has none, and logs in by tokens that administrators make. 400 for a bad name
    or password, 409 for a taken name.
    """
    name = _one_name(body)
    if body.service_account and (body.password is not None or body.is_admin):
        raise RequestRefused(
            400, "BAD_REQUEST", "a service account has no password and is no administrator"
        )
    user = await run_in_threadpool(
        parts_of(request).accounts.add,
        name,
        password=None if body.password is None else body.password.get_secret_value(),
        is_admin=body.is_admin,
    )
    kind = "administrator" if user.is_admin else "user"
    message = f"{kind} '{user.email}' created"
    if body.password is not None or body.service_account:
        return Invited(message=message)
    return Invited(message=f"{message}; send them the link", data=await _invite(request, name))


@router.post("/v1/user/{email}/invitation", responses=refusals(404))
async def invite_user(request: Request, email: str) -> Result[SentInvitation]:
    """Make a link by which a user sets a password; earlier ones end. 404 for an unknown user."""
    return Result(data=await _invite(request, email))


@router.get("/v1/users")
async def list_users(request: Request) -> Result[list[ListedUser]]:
    """Return all accounts, by name."""
    users = await run_in_threadpool(parts_of(request).accounts.list_users)
    return Result(
        data=[
            ListedUser(email=user.email, is_admin=user.is_admin, disabled=user.disabled)
            for user in users
        ]
    )


@router.put("/v1/user/{email}", responses=refusals(404))
async def change_user(request: Request, email: str, body: UserChange) -> Done:
    """Change an account; 404 for an unknown one, 400 for the last administrator."""
    if body.is_admin is None and body.disabled is None:
        raise RequestRefused(400, "BAD_REQUEST", "give 'is_admin' or 'disabled'")
    await run_in_threadpool(
        parts_of(request).accounts.change, email, is_admin=body.is_admin, disabled=body.disabled
    )
    return Done(message=f"account '{email}' changed")


@router.delete("/v1/user/{email}", responses=refusals(404))
async def delete_user(request: Request, email: str) -> Done:
    """Delete an account; 404 for an unknown one, 400 for the last administrator."""
    await run_in_threadpool(parts_of(request).accounts.delete, email)
    return Done(message=f"account '{email}' deleted")


@router.put("/v1/user/{email}/password", responses=refusals(403, 404))
async def change_password(request: Request, email: str, body: NewPassword) -> Done:
    """Set a password: administrators anybody's, others their own with the `current` one."""
    if not subject_of(request).is_admin:
        await _check_own(request, email, body.current)
    await run_in_threadpool(
        parts_of(request).accounts.set_password, email, body.password.get_secret_value()
    )
    return Done(message=f"password of '{email}' changed")


async def _check_own(request: Request, email: str, current: SecretStr | None) -> None:
    """Refuse (403) unless it is the caller's account and password; 429 for who guesses it."""
    parts, visit, name = parts_of(request), visit_of(request), subject_of(request).email
    if comparison_key(email) != comparison_key(name) or current is None:
        raise RequestRefused(
            403, "PERMISSION_DENIED", "change your own password, and give the 'current' one"
        )
    try:
        await parts.authenticator.prove_password(
            name, current.get_secret_value(), address=visit.arrival.address
        )
    except AccessRefused as refusal:
        visit.note(refusal, parts.journal, parts.metrics)
        if refusal.status != HTTPStatus.UNAUTHORIZED:
            raise
        raise RequestRefused(
            403, "PERMISSION_DENIED", "'current' is not your password"
        ) from refusal


async def _invite(request: Request, email: str) -> SentInvitation:
    parts, visit = parts_of(request), visit_of(request)
    invitation = await run_in_threadpool(parts.invitations.invite, email)
    address = parts.settings.public_url or visit.arrival.address_of_gateway
    return SentInvitation(invitation=invitation.link(address), expires_at=invitation.expires_at)


def _one_name(body: NewUser) -> str:
    if (body.email is None) == (body.username is None):
        raise RequestRefused(400, "BAD_REQUEST", "give either 'email' or 'username'")
    return body.email or body.username or ""
