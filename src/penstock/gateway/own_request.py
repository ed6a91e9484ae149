"""A request to the gateway itself, as the entry hands it on to the API and to the pages."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.types import Scope

from penstock.gateway.parts import Parts
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.request_target import ROLLOUT
from penstock.gateway.visit import Visit

_SUBJECT: Final = "penstock.subject"
_VISIT: Final = "penstock.visit"


def handed_on(scope: Scope, visit: Visit) -> Scope:
    """Return the scope of a request with what the entry knows of it; HEAD is answered like GET.

    The path of a rollout is handed on as it was sent.
    """
    # The server leaves the body out of an answer to HEAD.
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    path = scope["path"]
    if path.startswith(ROLLOUT):
        # A `/` inside a name must not look like one between segments.
        path = scope["raw_path"].decode("ascii")
    return {**scope, "method": method, "path": path, _SUBJECT: visit.subject, _VISIT: visit}


def subject_of(request: Mapping[str, Any]) -> Subject:
    """Return who calls, where the call's row wants a login."""
    subject: Subject = request[_SUBJECT]
    return subject


def visit_of(request: Mapping[str, Any]) -> Visit:
    """Return the request's visit."""
    visit: Visit = request[_VISIT]
    return visit


def parts_of(request: Request) -> Parts:
    """Return the parts of the gateway that answers."""
    parts: Parts = request.app.state.parts
    return parts
