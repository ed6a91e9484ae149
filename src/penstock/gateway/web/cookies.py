"""The cookies of our pages, with the flags that keep them here."""

from starlette.requests import Request
from starlette.responses import Response

from penstock.gateway.auth.session_cookie import NAME, find_session_cookies, host_name
from penstock.gateway.auth.sessions import NewSession
from penstock.gateway.own_request import parts_of, visit_of


def find_cookie(request: Request, name: str) -> str | None:
    """Return a cookie that `set_cookie` has set, or None."""
    return request.cookies.get(host_name(name, is_https=_is_https(request)))


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, seconds: int
) -> None:
    """Set a cookie that no script reads and no foreign page sends with a write.

    Over https no neighbouring host can set it, and it goes over https alone.
    """
    is_https = _is_https(request)
    response.set_cookie(
        host_name(name, is_https=is_https),
        value,
        max_age=seconds,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def session_cookies(request: Request) -> list[str]:
    """Return what may be this browser's session."""
    return find_session_cookies(request.scope["headers"], is_https=_is_https(request))


def set_session(request: Request, response: Response, session: NewSession) -> None:
    """Give a browser its session."""
    seconds = int(parts_of(request).settings.session_seconds)
    set_cookie(request, response, NAME, session.cookie, seconds=seconds)


def clear_session(request: Request, response: Response) -> None:
    """Take a browser's session away."""
    set_cookie(request, response, NAME, "", seconds=0)


def _is_https(request: Request) -> bool:
    return visit_of(request).arrival.is_https
