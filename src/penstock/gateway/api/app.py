"""The FastAPI application behind the entry."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from penstock.errors import PenstockError
from penstock.gateway.answers import as_refusal, is_own_path
from penstock.gateway.api import health, me, users
from penstock.gateway.parts import Parts


def create_api(parts: Parts) -> FastAPI:
    """Return the API over the parts of one gateway. The entry has decided who may call what."""
    api = FastAPI(title="Penstock", docs_url=None, redoc_url=None, openapi_url=None)
    api.state.parts = parts
    for module in (health, me, users):
        api.include_router(module.router)
    api.add_exception_handler(PenstockError, _refuse)
    api.add_exception_handler(RequestValidationError, _refuse_form)
    return api


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    refusal = as_refusal(error) if isinstance(error, PenstockError) else None
    if refusal is None:
        raise error
    content = (
        {"detail": refusal.message}
        if is_own_path(request.url.path) or request.url.path in {"/health", "/ready"}
        else {"error_code": refusal.error_code, "message": refusal.message}
    )
    return JSONResponse(content, refusal.status, refusal.headers)


async def _refuse_form(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'body'}: {fault['msg']}"
        for fault in error.errors()
    ]
    return JSONResponse({"detail": "; ".join(faults)}, 422)
