"""What an error answer of MLflow's means on `/v1`. Pure."""

import json
from http import HTTPStatus
from typing import Any, Final

from penstock.errors import PenstockError, RequestRefused, UpstreamError

STATUS: Final = {
    "RESOURCE_ALREADY_EXISTS": HTTPStatus.CONFLICT,
    "RESOURCE_CONFLICT": HTTPStatus.CONFLICT,
    "RESOURCE_DOES_NOT_EXIST": HTTPStatus.NOT_FOUND,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "INVALID_PARAMETER_VALUE": HTTPStatus.BAD_REQUEST,
    "BAD_REQUEST": HTTPStatus.BAD_REQUEST,
    "INVALID_STATE": HTTPStatus.BAD_REQUEST,
    "PERMISSION_DENIED": HTTPStatus.FORBIDDEN,
}
"""Where MLflow's own status says less: a taken name is a 400 there, a wrong state a 500."""

TAKEN: Final = "the name is taken, perhaps by something deleted; choose another"
REFUSED_BY_DATABASE: Final = "MLflow's database refuses a value; check lengths and characters"


def refusal_of(status: int, body: bytes) -> PenstockError:
    """Return the error that an answer stands for: the caller's fault, or MLflow's failure."""
    document = _parse(body)
    code = str(document.get("error_code", ""))
    found = STATUS.get(code)
    if found is None:
        return UpstreamError(f"MLflow answers {status} {code}".rstrip())
    return RequestRefused(found, code, _message(found, str(document.get("message", ""))))


def _message(status: int, text: str) -> str:
    if status == HTTPStatus.CONFLICT:
        return TAKEN
    # What a database says holds statements and values of others.
    if "[SQL:" in text or not text:
        return REFUSED_BY_DATABASE
    return text


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
