"""What ends with a session: logins, invitations, another password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from penstock.errors import PenstockError
from penstock.gateway.answers import as_refusal
from penstock.gateway.own_request import parts_of, visit_of
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.web.cookies import set_session


@asynccontextmanager
async def recorded(request: Request, email: str) -> AsyncIterator[None]:
    """Write down that something is done with an account, and how it has ended.

    Raises DatabaseUnavailable: then it must not be done.
    """
    trail = visit_of(request).trail(parts_of(request).journal)
    record_id = await trail.begin(f"account:{email}")
    try:
        yield
    except PenstockError as error:
        trail.end(record_id, as_refusal(error).status)
        raise
    trail.end(record_id, HTTPStatus.SEE_OTHER)


async def log_in(request: Request, subject: Subject, *, target: str) -> Response:
    """Begin a session of a subject who has just proven who they are, on the record."""
    visit_of(request).subject = subject
    async with recorded(request, subject.email):
        return await let_in(request, subject, target=target)


async def let_in(request: Request, subject: Subject, *, target: str) -> Response:
    """Begin a session, and send its browser on."""
    session = await run_in_threadpool(parts_of(request).sessions.begin, subject.user_id)
    response = see_other(target)
    set_session(request, response, session)
    return response


def see_other(target: str) -> Response:
    """Send a browser to a page that is not kept, and does not learn from where."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, headers)
