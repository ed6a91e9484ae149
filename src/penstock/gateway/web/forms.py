"""Forms: read them, and see that they come from our own pages."""

import asyncio
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from penstock.errors import AccessRefused, RequestRefused
from penstock.gateway.own_request import parts_of
from penstock.gateway.proxy.request_body import read_length
from penstock.gateway.web.cookies import find_cookie, session_cookies, set_cookie

MAX_BYTES: Final = 16_384
MAX_FIELDS: Final = 20
FORM_COOKIE: Final = "penstock_form"
FORM_SECONDS: Final = 3600
FORM_TYPE: Final = "application/x-www-form-urlencoded"

Form = dict[str, str]


async def read_form(request: Request) -> Form:
    """Return the fields of a form.

    Raises RequestRefused for what is none, is too large (413), or too slow (408).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise RequestRefused(415, "BAD_REQUEST", f"send this form as {FORM_TYPE}")
    body = await _read_body(request)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise RequestRefused(400, "BAD_REQUEST", "the form cannot be read") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise RequestRefused(400, "BAD_REQUEST", "the form names a field twice")
    return form


async def _read_body(request: Request) -> bytes:
    """Return the body, which anybody may send: slowly all in all is too slow, too (408)."""
    parts = parts_of(request)
    seconds, body = parts.settings.client_idle_seconds, bytearray()
    length = read_length(request.scope["headers"])
    try:
        async with asyncio.timeout(seconds):
            async for chunk in parts.bodies.stream(request.receive, length=length):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise RequestRefused(
                        413, "BAD_REQUEST", f"a form has at most {MAX_BYTES} bytes here"
                    )
    except TimeoutError as error:
        reason = f"the form did not come within {seconds:g} seconds; send it again"
        raise RequestRefused(408, "BAD_REQUEST", reason) from error
    return bytes(body)


def csrf_token(request: Request, form: str) -> str:
    """Return what a form of this browser has to bring along.

    It follows from a cookie that a foreign page can neither read nor set: the session's, or,
    where there is none, that of the forms.
    """
    bound = ";".join(session_cookies(request)) or form
    key = parts_of(request).secret_key.derive("forms")
    return hmac.new(key, bound.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def check_csrf(request: Request, fields: Form) -> None:
    """Refuse (403) a form that is not from a page of ours in this browser."""
    form = find_cookie(request, FORM_COOKIE) or ""
    is_bound = bool(form or session_cookies(request))
    brought = fields.get("csrf_token", "").encode("utf-8", "surrogatepass")
    if not is_bound or not hmac.compare_digest(csrf_token(request, form).encode(), brought):
        raise AccessRefused(
            403,
            "PERMISSION_DENIED",
            "this form is too old, or cookies are off; go back, reload the page and try again",
        )


def form_cookie(request: Request) -> str:
    """Return the value of this browser's cookie for forms: what it has, for its other tabs."""
    return find_cookie(request, FORM_COOKIE) or secrets.token_urlsafe(32)


def bind_form(request: Request, response: Response, form: str) -> None:
    """Set the cookie that binds forms to this browser."""
    set_cookie(request, response, FORM_COOKIE, form, seconds=FORM_SECONDS)
