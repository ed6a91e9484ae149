"""The pages as one ASGI application behind the entry."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from penstock.errors import AccessRefused, PenstockError
from penstock.gateway.own_request import parts_of, visit_of
from penstock.gateway.parts import Parts
from penstock.gateway.web import account, invitation, login, provider_login
from penstock.gateway.web.pages import icon, message, style


def create_web(parts: Parts) -> ASGIApp:
    """Return the pages over the parts of one gateway. The entry has decided who may call what."""
    web = Starlette(
        routes=[
            Route("/penstock.css", style, methods=["GET"]),
            Route("/penstock.svg", icon, methods=["GET"]),
            Route("/login", login.show, methods=["GET"]),
            Route("/login", login.log_in, methods=["POST"]),
            Route("/login/oidc/{provider}", provider_login.begin, methods=["GET"]),
            Route("/login/oidc/{provider}/callback", provider_login.finish, methods=["GET"]),
            Route("/logout", login.log_out, methods=["POST"]),
            Route("/account", account.show, methods=["GET"]),
            Route("/account/password", account.change_password, methods=["POST"]),
            Route("/invitation/{token}", invitation.show, methods=["GET"]),
            Route("/invitation/{token}", invitation.accept, methods=["POST"]),
        ],
        exception_handlers={PenstockError: _explain},
    )
    web.state.parts = parts
    return web


async def _explain(request: Request, error: Exception) -> Response:
    """Show an error as a page; what is refused to somebody is written down."""
    if not isinstance(error, PenstockError):
        raise error
    parts, visit = parts_of(request), visit_of(request)
    refusal = visit.refusal_of(error)
    if isinstance(refusal, AccessRefused):
        visit.note(refusal, parts.journal, parts.metrics)
    return message(refusal.message, status=refusal.status, headers=refusal.headers)
