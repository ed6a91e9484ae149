"""Pages from templates, and what browsers are told about them."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""No script, no frame, no form to elsewhere."""


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return the page of a template."""
    content = _environment().get_template(f"{name}.html").render(values)
    return HTMLResponse(content, status, HEADERS)


def message(text: str, *, status: int, headers: Mapping[str, str]) -> HTMLResponse:
    """Return a page that says one thing."""
    response = page("message", status=status, text=text)
    response.headers.update(headers)
    return response


async def style(_request: Request) -> Response:
    """Return the style sheet of all pages."""
    return _file("penstock.css", "text/css")


async def icon(_request: Request) -> Response:
    """Return the sign of all pages."""
    return _file("penstock.svg", "image/svg+xml")


def _file(name: str, kind: str) -> Response:
    content = resources.files(__package__).joinpath(f"templates/{name}").read_bytes()
    return Response(content, media_type=kind, headers={"Cache-Control": "max-age=3600"})


@cache
def _environment() -> "Environment":
    # Only a gateway whose users have browsers needs it.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined
    )
