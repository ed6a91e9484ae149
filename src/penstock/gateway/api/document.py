"""The OpenAPI document of `/v1`: what FastAPI knows of the calls, and what the route table adds."""

import inspect
import re
from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from penstock import __version__
from penstock.gateway.api.answers import Refusal, refusal_answer
from penstock.gateway.api.example import example_of
from penstock.gateway.auth import session_cookie
from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.route import Route
from penstock.gateway.proxy.routes import own

Json = dict[str, Any]

TITLE: Final = "Penstock"

ABOUT: Final = """\
The gateway's own calls. MLflow's calls are served beside them, at MLflow's own addresses.

Log in with account name and password (HTTP Basic), with a token (Bearer), or in a browser. An
answer holds `"status": "SUCCESS"`, and what was asked for under `data`; an error holds `detail`,
which says what to do next. Bodies are JSON objects; a field or an argument that a call does not
know is refused, not overlooked. Any call may answer 408, 414 or 431 where a request is too slow
or too long, and 500 with a defect of the gateway's own.
"""

GROUPS: Final = {
    "Experiments": "What is grouped together. What is deleted answers as if it were not there.",
    "Runs": "Executions inside an experiment, their metrics and parameters.",
    "Rollouts": "Which runs are live, with which fraction of the traffic, and since when.",
    "Deployments": "Models that answer requests of their own, and how they came about.",
    "Models": "What is registered, with all versions and what they take and return.",
    "Accounts": "Who there is, and who calls.",
    "Tokens": "What programs log in with instead of a password.",
    "Groups": "Users who are granted something together.",
    "Grants": "Who may do what, with which experiments and registered models.",
    "Audit": "Who did what, and what was refused.",
    "Health": "For load balancers and supervisors; without a login.",
}

SECURITY_SCHEMES: Final = {
    "basic": {"type": "http", "scheme": "basic", "description": "Account name and password."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `POST /v1/token`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": session_cookie.NAME,
        "description": "What a browser has after the login page.",
    },
}

_REFERENCE: Final = {"$ref": "#/components/schemas/Refusal"}
_FORM: Final = "#/components/schemas/HTTPValidationError"


def make_document(routes: Sequence[BaseRoute]) -> Json:
    """Return the document of FastAPI's routes; each must have a row among the gateway's own."""
    document = get_openapi(
        title=TITLE,
        version=__version__,
        description=ABOUT,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in GROUPS.items()],
    )
    rows = {(row.method, row.path): row for row in own.ROUTES}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, rows[method.upper(), path])
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas["Refusal"] = Refusal.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _add_examples(document)
    return document


def _complete(operation: Json, row: Route) -> None:
    """Add to a call what its row says, and what all such calls have in common."""
    summary = operation.get("description", "").partition("\n\n")[0].replace("\n", " ")
    operation["summary"] = re.split(r"[;:]|, or, |\. ", summary)[0].rstrip(".")
    operation["description"] = inspect.cleandoc(operation.get("description", ""))
    is_open = row.access is Access.ANYBODY
    operation["security"] = [] if is_open else [{name: []} for name in SECURITY_SCHEMES]
    answers = operation["responses"]
    if _is_forms(answers.get("422", {})):
        del answers["422"]
    for status in () if is_open else _common(operation, row):
        answers.setdefault(str(status), _refusal(status))
    for status, answer in answers.items():
        if int(status) >= 400:  # noqa: PLR2004 - errors begin there
            answer["content"]["application/json"]["schema"] = _REFERENCE
    operation["responses"] = dict(sorted(answers.items()))


def _common(operation: Json, row: Route) -> list[int]:
    statuses = [400, 401, 429, 503]
    if row.access is Access.ADMINISTRATOR or row.action is not Action.READ:
        statuses.append(403)
    if "requestBody" in operation:
        statuses += [413, 415, 422]
    return statuses


def _refusal(status: int) -> Json:
    answer = dict(refusal_answer(status))
    del answer["model"]
    content = answer["content"]["application/json"]
    return {**answer, "content": {"application/json": dict(content)}}


def _is_forms(answer: Json) -> bool:
    content = answer.get("content", {}).get("application/json", {})
    return bool(content.get("schema", {}).get("$ref") == _FORM)


def _add_examples(document: Json) -> None:
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = holder.get("content", {}).get("application/json")
                if content is not None and "example" not in content:
                    content["example"] = example_of(content["schema"], schemas)
