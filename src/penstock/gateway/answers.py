"""Answers that the gateway writes itself."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Scope, Send

from penstock.errors import (
    AccountError,
    AccountExists,
    DatabaseUnavailable,
    DeploymentError,
    DeploymentNameTaken,
    GroupExists,
    IdentityRefused,
    InvalidRollout,
    PenstockError,
    ProviderUnavailable,
    RequestRefused,
    RolloutError,
    SupervisionError,
    UnknownAccount,
    UnknownDeployment,
    UnknownGroup,
    UnknownToken,
    UnstorableText,
    UpstreamError,
    UpstreamTimeout,
)

RETRY_SECONDS = 5
UNAVAILABLE = (UpstreamError, ProviderUnavailable, DatabaseUnavailable, SupervisionError)


def is_own_path(path: str) -> bool:
    """Return whether a path belongs to the gateway's own API, whose errors have `detail`."""
    if path in {"/health", "/ready", "/metrics"}:
        return True
    return path.startswith(("/v1/", "/api/v1/serve/")) and path != "/v1/traces"


def as_refusal(error: PenstockError) -> RequestRefused:
    """Return the refusal that an error means to the caller."""
    if isinstance(error, RequestRefused):
        return error
    if isinstance(error, AccountError | RolloutError | DeploymentError | UnstorableText):
        return _own_refusal(error)
    retry = {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, UpstreamTimeout):
        return RequestRefused(504, "DEADLINE_EXCEEDED", str(error), headers=retry)
    if isinstance(error, IdentityRefused):
        return RequestRefused(401, "UNAUTHENTICATED", str(error))
    if isinstance(error, UNAVAILABLE):
        return RequestRefused(503, "TEMPORARILY_UNAVAILABLE", _public(error), headers=retry)
    return failure()


def _own_refusal(
    error: AccountError | RolloutError | DeploymentError | UnstorableText,
) -> RequestRefused:
    if isinstance(error, AccountExists | GroupExists | DeploymentNameTaken):
        return RequestRefused(409, "RESOURCE_ALREADY_EXISTS", str(error))
    if isinstance(error, UnknownAccount | UnknownGroup | UnknownToken | UnknownDeployment):
        return RequestRefused(404, "RESOURCE_DOES_NOT_EXIST", str(error))
    if isinstance(error, RolloutError) and not isinstance(error, InvalidRollout):
        return RequestRefused(409, "RESOURCE_CONFLICT", str(error))
    return RequestRefused(400, "INVALID_PARAMETER_VALUE", str(error))


def failure() -> RequestRefused:
    """Return what a caller is told of an error that is the gateway's own."""
    return RequestRefused(500, "INTERNAL_ERROR", "the gateway failed; its log says why")


def shutting_down() -> RequestRefused:
    """Return what a caller is told whose request is under way when the gateway ends."""
    return RequestRefused(
        503,
        "TEMPORARILY_UNAVAILABLE",
        "the gateway is shutting down; try again",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


async def send_refusal(scope: Scope, send: Send, refusal: RequestRefused) -> None:
    """Answer with an error in the shape of the path: MLflow's, or `{"detail": …}`."""
    document = refusal_document(scope["path"], refusal)
    await send_json(scope, send, document, status=refusal.status, headers=refusal.headers)


def refusal_document(path: str, refusal: RequestRefused) -> dict[str, str]:
    """Return the body of an error in the shape of the path."""
    if is_own_path(path):
        return {"detail": refusal.message}
    return {"error_code": refusal.error_code, "message": refusal.message}


async def send_json(
    scope: Scope,
    send: Send,
    document: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer with a JSON document."""
    body = json.dumps(document).encode("ascii")
    fields = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **(headers or {}),
    }
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _public(error: PenstockError) -> str:
    if isinstance(error, DatabaseUnavailable):
        return "the gateway's database does not answer; try again"
    return f"{error}; try again"
