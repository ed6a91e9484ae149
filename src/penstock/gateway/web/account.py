"""The page of one's own account."""

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from penstock.errors import AccessRefused, AccountError
from penstock.gateway.own_request import parts_of, subject_of, visit_of
from penstock.gateway.web.entrance import let_in, recorded
from penstock.gateway.web.forms import bind_form, check_csrf, csrf_token, form_cookie, read_form
from penstock.gateway.web.pages import page


async def show(request: Request) -> Response:
    """Show who is logged in, with the way out and another password."""
    return await _page(request)


async def change_password(request: Request) -> Response:
    """Set another password; all sessions end but the new one of this browser."""
    parts, visit, subject = parts_of(request), visit_of(request), subject_of(request)
    form = await read_form(request)
    try:
        check_csrf(request, form)
        await parts.authenticator.prove_password(
            subject.email, form.get("current", ""), address=visit.arrival.address
        )
    except AccessRefused as refusal:
        visit.note(refusal, parts.journal, parts.metrics)
        # A password that is wrong here is no lack of a login: 403, or 429 for one guess too many.
        status = (
            HTTPStatus.FORBIDDEN if refusal.status == HTTPStatus.UNAUTHORIZED else refusal.status
        )
        response = await _page(request, error=refusal.message, status=status)
        if "Retry-After" in refusal.headers:
            response.headers["Retry-After"] = refusal.headers["Retry-After"]
        return response
    if form.get("password") != form.get("again"):
        return await _page(request, error="the two passwords differ", status=400)
    try:
        async with recorded(request, subject.email):
            await run_in_threadpool(
                parts.accounts.set_password, subject.email, form.get("password", "")
            )
    except AccountError as error:
        return await _page(request, error=str(error), status=400)
    return await let_in(request, subject, target="/account")


async def _page(request: Request, *, error: str = "", status: int = 200) -> Response:
    parts, subject = parts_of(request), subject_of(request)
    groups = await run_in_threadpool(parts.groups.of, subject.user_id)
    form = form_cookie(request)
    response = page(
        "account",
        status=status,
        csrf_token=csrf_token(request, form),
        email=subject.email,
        is_admin=subject.is_admin,
        groups=groups,
        error=error,
    )
    bind_form(request, response, form)
    return response
