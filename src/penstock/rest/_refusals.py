"""Translates answers other than success into errors. Pure."""

import contextlib
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from penstock.errors import MlflowException, NotMlflow, PermissionDenied, Unauthenticated
from penstock.rest._answer import Answer

CLIENT_ERRORS, SERVER_ERRORS = 400, 500
UNAUTHORIZED, FORBIDDEN, TOO_MANY = 401, 403, 429
LONGEST_QUOTE = 300
ERROR_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "ENDPOINT_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    429: "RESOURCE_EXHAUSTED",
    501: "NOT_IMPLEMENTED",
    502: "TEMPORARILY_UNAVAILABLE",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""What an answer means that names no error code of its own."""


class Complaint(NamedTuple):
    """What the body of a refusal says; `code` is None unless MLflow's API wrote it."""

    code: str | None
    message: str


def refusal(answer: Answer) -> MlflowException:
    """Return the error for an answer that is no success."""
    if answer.status < CLIENT_ERRORS:
        return _redirection(answer)
    complaint = read_complaint(answer)
    code = complaint.code or ERROR_CODES.get(answer.status, "INTERNAL_ERROR")
    kind, advice = _judge(answer, complaint)
    text = f"{answer.method} {answer.path}: {answer.status} {code}"
    error = kind(
        "".join((text, complaint.message and f": {complaint.message}", advice)),
        code,
        status=answer.status,
    )
    error.retry_after = answer.retry_after
    return error


def _judge(answer: Answer, complaint: Complaint) -> tuple[type[MlflowException], str]:
    if answer.status == UNAUTHORIZED:
        return Unauthenticated, _LOGIN_ADVICE
    if answer.status == FORBIDDEN:
        return PermissionDenied, ""
    if complaint.code or answer.status >= SERVER_ERRORS or answer.status == TOO_MANY:
        wait = f"; it asks to wait: {answer.retry_after}" if answer.retry_after else ""
        return MlflowException, wait
    return NotMlflow, _ADDRESS_ADVICE


def read_complaint(answer: Answer) -> Complaint:
    """Read MLflow's JSON of an error, or quote a short text; HTML is never quoted."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        document = msgspec.json.decode(answer.body)
        if isinstance(document, dict):
            message = document.get("message") or document.get("detail") or ""
            code = document.get("error_code")
            return Complaint(code if isinstance(code, str) else None, str(message))
    if "html" in answer.content_type or answer.body.lstrip()[:1] == b"<":
        return Complaint(None, "the answer is an HTML page")
    return Complaint(None, _quote(answer.body))


def _redirection(answer: Answer) -> NotMlflow:
    target = urlsplit(answer.location)
    where = f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path
    return NotMlflow(
        f"{answer.method} {answer.path}: {answer.status}, a redirect to {where or 'nowhere'}, "
        "which is not followed: this is a login page or another address of the server; check "
        "MLFLOW_TRACKING_URI (http or https, host, path) and how programs log in there"
    )


def _quote(body: bytes) -> str:
    text = " ".join(body[: 4 * LONGEST_QUOTE].decode("utf-8", "replace").split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


_LOGIN_ADVICE = (
    "; check the user name and password (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD) "
    "or the token (MLFLOW_TRACKING_TOKEN)"
)
_ADDRESS_ADVICE = (
    "; no MLflow API of this kind is at that address: check MLFLOW_TRACKING_URI and its path, "
    "and the version of the server"
)
