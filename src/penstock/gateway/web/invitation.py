"""The page at which the invited set their password."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from penstock.errors import AccessRefused, AccountError, InvitationOver
from penstock.gateway.own_request import parts_of, visit_of
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.web.entrance import let_in, recorded
from penstock.gateway.web.forms import bind_form, check_csrf, csrf_token, form_cookie, read_form
from penstock.gateway.web.pages import page


async def show(request: Request) -> Response:
    """Show the form, or say that the invitation is over."""
    return await _page(request)


async def accept(request: Request) -> Response:
    """Set the password, once, and log in with it."""
    parts, visit = parts_of(request), visit_of(request)
    form = await read_form(request)
    try:
        check_csrf(request, form)
    except AccessRefused as refusal:
        visit.note(refusal, parts.journal, parts.metrics)
        return await _page(request, error=refusal.message, status=403)
    if form.get("password") != form.get("again"):
        return await _page(request, error="the two passwords differ", status=400)
    token = request.path_params["token"]
    invited = await run_in_threadpool(parts.invitations.find, token)
    visit.subject = Subject(invited.id, invited.email, invited.is_admin)
    try:
        async with recorded(request, invited.email):
            await run_in_threadpool(parts.invitations.accept, token, form.get("password", ""))
    except InvitationOver:
        raise
    except AccountError as error:
        return await _page(request, error=str(error), status=400)
    return await let_in(request, visit.subject, target="/")


async def _page(request: Request, *, error: str = "", status: int = 200) -> Response:
    token = request.path_params["token"]
    invited = await run_in_threadpool(parts_of(request).invitations.find, token)
    form = form_cookie(request)
    response = page(
        "invitation",
        status=status,
        csrf_token=csrf_token(request, form),
        email=invited.email,
        error=error,
    )
    bind_form(request, response, form)
    return response
