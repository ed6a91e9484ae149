"""The cookies of our pages, with the flags that keep them here."""

from starlette.requests import Request
from starlette.responses import Response

from penstock.gateway.auth.session_cookie import NAME
from penstock.gateway.auth.sessions import NewSession
from penstock.gateway.own_request import parts_of, visit_of


def set_cookie(response: Response, name: str, value: str, *, seconds: int, is_secure: bool) -> None:
    """Set a cookie that no script reads and no foreign page sends with a write."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def set_session(request: Request, response: Response, session: NewSession) -> None:
    """Give a browser its session."""
    set_cookie(
        response,
        NAME,
        session.cookie,
        seconds=int(parts_of(request).settings.session_seconds),
        is_secure=is_secure(request),
    )


def clear_session(request: Request, response: Response) -> None:
    """Take a browser's session away."""
    set_cookie(response, NAME, "", seconds=0, is_secure=is_secure(request))


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks https, to us or to the proxy in front."""
    public_url = parts_of(request).settings.public_url
    return visit_of(request).arrival.is_https or public_url.startswith("https:")
