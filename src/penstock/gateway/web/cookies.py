"""The cookies of our pages, with the flags that keep them here."""

from starlette.requests import Request
from starlette.responses import Response

from penstock.gateway.auth.session_cookie import NAME
from penstock.gateway.auth.sessions import NewSession
from penstock.gateway.parts import Parts
from penstock.gateway.visit import Visit


def set_cookie(response: Response, name: str, value: str, *, seconds: int, is_secure: bool) -> None:
    """Set a cookie that no script reads and no foreign page sends with a write."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def set_session(request: Request, response: Response, session: NewSession) -> None:
    """Give a browser its session."""
    parts: Parts = request.app.state.parts
    set_cookie(
        response,
        NAME,
        session.cookie,
        seconds=int(parts.settings.session_seconds),
        is_secure=is_secure(request),
    )


def clear_session(request: Request, response: Response) -> None:
    """Take a browser's session away."""
    set_cookie(response, NAME, "", seconds=0, is_secure=is_secure(request))


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks https, to us or to the proxy in front."""
    visit: Visit = request.scope["penstock.visit"]
    parts: Parts = request.app.state.parts
    return visit.arrival.is_https or parts.settings.public_url.startswith("https:")
