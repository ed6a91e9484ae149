"""Log in and out with a browser."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from penstock.errors import AccessRefused
from penstock.gateway.navigation import LOGIN, safe_target
from penstock.gateway.own_request import parts_of, visit_of
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.origin import check_session_origin
from penstock.gateway.web import entrance
from penstock.gateway.web.cookies import clear_session, session_cookies
from penstock.gateway.web.entrance import see_other
from penstock.gateway.web.forms import bind_form, check_csrf, csrf_token, form_cookie, read_form
from penstock.gateway.web.pages import page


async def show(request: Request) -> Response:
    """Show the login, or the account of who is logged in already."""
    if await _has_session(request):
        return see_other("/account")
    return _page(request, next_target=request.query_params.get("next", "/"))


async def log_in(request: Request) -> Response:
    """Begin a session for the name and password of the form, and go on to `next`."""
    parts, visit = parts_of(request), visit_of(request)
    form = await read_form(request)
    email, next_target = form.get("email", "").strip(), form.get("next", "/")
    try:
        check_csrf(request, form)
        subject = await parts.authenticator.prove_password(
            email, form.get("password", ""), address=visit.arrival.address
        )
    except AccessRefused as refusal:
        visit.note(refusal, parts.journal, parts.metrics)
        return _page(request, next_target=next_target, email=email, refusal=refusal)
    return await entrance.log_in(request, subject, target=safe_target(next_target))


async def log_out(request: Request) -> Response:
    """End the session of this browser and go to the login."""
    check_session_origin("POST", request.scope["headers"])
    check_csrf(request, await read_form(request))
    for cookie in session_cookies(request):
        await _end_session(request, cookie)
    response = see_other(LOGIN)
    clear_session(request, response)
    return response


async def _end_session(request: Request, cookie: str) -> None:
    """End a session on the record; one that is over already leaves none."""
    sessions = parts_of(request).sessions
    found = await run_in_threadpool(sessions.find, cookie)
    if found is None:
        return
    _, user = found
    visit_of(request).subject = Subject(user.id, user.email, user.is_admin, by_session=True)
    async with entrance.recorded(request, user.email):
        await run_in_threadpool(sessions.end, cookie)


async def _has_session(request: Request) -> bool:
    find = parts_of(request).sessions.find
    for cookie in session_cookies(request):
        if await run_in_threadpool(find, cookie) is not None:
            return True
    return False


def _page(
    request: Request, *, next_target: str, email: str = "", refusal: AccessRefused | None = None
) -> Response:
    form = form_cookie(request)
    response = page(
        "login",
        status=200 if refusal is None else refusal.status,
        csrf_token=csrf_token(request, form),
        email=email,
        providers=parts_of(request).federation.logins.offered,
        next=safe_target(next_target),
        error="" if refusal is None else refusal.message,
    )
    bind_form(request, response, form)
    if refusal is not None and "Retry-After" in refusal.headers:
        response.headers["Retry-After"] = refusal.headers["Retry-After"]
    return response
