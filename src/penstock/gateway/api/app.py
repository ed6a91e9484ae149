"""The FastAPI application behind the entry."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from penstock.errors import PenstockError, RequestRefused
from penstock.gateway.answers import as_refusal, failure, refusal_document
from penstock.gateway.api import audit, grants, groups, health, me, metrics, tokens, users
from penstock.gateway.api.boundary import Boundary
from penstock.gateway.parts import Parts

log = structlog.get_logger()


def create_api(parts: Parts) -> ASGIApp:
    """Return the API over the parts of one gateway. The entry has decided who may call what."""
    api = FastAPI(title="Penstock", docs_url=None, redoc_url=None, openapi_url=None)
    api.state.parts = parts
    for module in (audit, grants, groups, health, me, metrics, tokens, users):
        api.include_router(module.router)
    api.add_exception_handler(PenstockError, _refuse)
    api.add_exception_handler(RequestValidationError, _refuse_form)
    api.add_exception_handler(Exception, _fail)
    return Boundary(api, parts.bodies, parts.journal)


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, PenstockError):
        raise error
    refusal = as_refusal(error)
    if refusal is not error:
        log.warning("request failed", path=request.url.path, reason=str(error))
    return _answer(request, refusal)


async def _fail(request: Request, _error: Exception) -> JSONResponse:
    """Answer for a defect; Starlette raises it again behind the answer, and the server logs it."""
    return _answer(request, failure())


def _answer(request: Request, refusal: RequestRefused) -> JSONResponse:
    content = refusal_document(request.scope["path"], refusal)
    return JSONResponse(content, refusal.status, refusal.headers)


async def _refuse_form(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'body'}: {fault['msg']}"
        for fault in error.errors()
    ]
    return JSONResponse({"detail": "; ".join(faults)}, 422)
