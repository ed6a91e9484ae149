"""The document of `/v1`, for programs and for people."""

import base64
import hashlib
import re
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse

from penstock.gateway.api.document import make_document
from penstock.gateway.api.document_view import view

router = APIRouter(include_in_schema=False)

PAGE: Final = "api.html"
STYLE: Final = "api.css"


@router.get("/v1/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(await run_in_threadpool(make_document, request.app.routes))


@router.get("/v1/docs")
async def docs(request: Request) -> HTMLResponse:
    """Return the same as a page. It needs nothing from elsewhere, and no script."""
    document = await run_in_threadpool(make_document, request.app.routes)
    page, style_digest = await run_in_threadpool(_render, document)
    policy = f"default-src 'none'; style-src 'sha256-{style_digest}'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _render(document: dict[str, Any]) -> tuple[str, str]:
    """Return the page, and the digest of its style."""
    templates = _templates()
    style, _, _ = templates.loader.get_source(templates, STYLE)
    digest = hashlib.sha256(style.encode()).digest()
    page = templates.get_template(PAGE).render(
        info=document["info"], groups=view(document), style=style
    )
    return page, base64.b64encode(digest).decode()


@cache
def _templates() -> Any:  # noqa: ANN401 - Jinja2's environment, which is imported here alone
    # Most gateways never show the page.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("penstock.gateway", "web/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = _marked
    return environment


def _marked(text: str) -> Any:  # noqa: ANN401 - MarkupSafe's text, a library of Jinja2's
    """Return a text, escaped, in which what stands between backticks is code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - with Jinja2

    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
