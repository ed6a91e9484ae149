"""Log in with a browser by way of an OpenID Connect provider."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from penstock.errors import AccessRefused, IdentityRefused
from penstock.gateway.navigation import safe_target
from penstock.gateway.oidc.flow import SECONDS
from penstock.gateway.own_request import parts_of, visit_of
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.web.cookies import find_cookie, set_cookie
from penstock.gateway.web.entrance import log_in, see_other

COOKIE: Final = "penstock_login"
MAX_RETURN: Final = 1024
"""A longer address to return to does not fit into the cookie, and is left out."""


async def begin(request: Request) -> Response:
    """Send the browser to a provider, with a cookie that it has to bring back."""
    parts, name = parts_of(request), request.path_params["provider"]
    target = safe_target(request.query_params.get("next", "/"))
    departure = await parts.federation.logins.begin(
        name,
        redirect_uri=_redirect_uri(request),
        return_to=target if len(target) <= MAX_RETURN else "/",
    )
    response = see_other(departure.url)
    set_cookie(request, response, COOKIE, departure.cookie, seconds=SECONDS)
    return response


async def finish(request: Request) -> Response:
    """Begin a session for whom the provider vouches, and go on to where they wanted to go."""
    try:
        arrival = await parts_of(request).federation.logins.finish(
            request.path_params["provider"],
            dict(request.query_params),
            cookie=find_cookie(request, COOKIE) or "",
        )
    except IdentityRefused as error:
        target = f"provider:{request.path_params['provider']}"
        raise AccessRefused(403, "PERMISSION_DENIED", str(error), target=target) from error
    user = arrival.user
    subject = Subject(user.id, user.email, user.is_admin)
    response = await log_in(request, subject, target=safe_target(arrival.return_to))
    set_cookie(request, response, COOKIE, "", seconds=0)
    return response


def _redirect_uri(request: Request) -> str:
    """Return the address at which the provider sends the browser back, as it is registered."""
    base = parts_of(request).settings.public_url or visit_of(request).arrival.address_of_gateway
    return f"{base}/login/oidc/{request.path_params['provider']}/callback"
