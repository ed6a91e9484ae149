"""Accounts, for administrators."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool
from starlette.concurrency import run_in_threadpool

from penstock.errors import AccountError, AccountExists, RequestRefused
from penstock.gateway.api.envelope import Done, Result

router = APIRouter()


class NewUser(BaseModel):
    """Body of `POST /v1/user`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str | None = Field(None, max_length=1024)
    username: str | None = Field(None, max_length=1024)
    password: SecretStr | None = None
    is_admin: StrictBool = False


class ListedUser(BaseModel):
    """One account of `GET /v1/users`."""

    email: str
    is_admin: bool
    disabled: bool


@router.post("/v1/user")
async def add_user(request: Request, body: NewUser) -> Done:
    """Make an account; 400 for a bad name or password, 409 for a taken name."""
    name = _one_name(body)
    if body.password is None:
        raise RequestRefused(400, "BAD_REQUEST", "give the account a 'password'")
    try:
        user = await run_in_threadpool(
            request.app.state.parts.accounts.add,
            name,
            password=body.password.get_secret_value(),
            is_admin=body.is_admin,
        )
    except AccountExists as error:
        raise RequestRefused(409, "RESOURCE_ALREADY_EXISTS", str(error)) from error
    except AccountError as error:
        raise RequestRefused(400, "INVALID_PARAMETER_VALUE", str(error)) from error
    kind = "administrator" if user.is_admin else "user"
    return Done(message=f"{kind} '{user.email}' created")


@router.get("/v1/users")
async def list_users(request: Request) -> Result[list[ListedUser]]:
    """Return all accounts, by name."""
    users = await run_in_threadpool(request.app.state.parts.accounts.list_users)
    return Result(
        data=[
            ListedUser(email=user.email, is_admin=user.is_admin, disabled=user.disabled)
            for user in users
        ]
    )


def _one_name(body: NewUser) -> str:
    if (body.email is None) == (body.username is None):
        raise RequestRefused(400, "BAD_REQUEST", "give either 'email' or 'username'")
    return body.email or body.username or ""
