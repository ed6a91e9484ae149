"""The FastAPI application behind the entry."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from penstock.errors import PenstockError, RequestRefused
from penstock.gateway.answers import failure, refusal_document
from penstock.gateway.api.boundary import Boundary
from penstock.gateway.api.mlflow_errand import MlflowErrands
from penstock.gateway.api.model_file import ModelFiles
from penstock.gateway.api.query import check_query
from penstock.gateway.api.routers import ROUTERS
from penstock.gateway.api.signatures import Signatures
from penstock.gateway.judge import Judge
from penstock.gateway.own_request import visit_of
from penstock.gateway.parts import Parts


def create_api(parts: Parts, errands: MlflowErrands, judge: Judge) -> ASGIApp:
    """Return the API over the parts of one gateway. The entry has decided who may call what."""
    api = assemble()
    api.state.parts = parts
    api.state.errands = errands
    api.state.judge = judge
    files = ModelFiles(parts.upstream, seconds=parts.settings.upstream_seconds)
    api.state.signatures = Signatures(files)
    api.add_exception_handler(PenstockError, _refuse)
    api.add_exception_handler(RequestValidationError, _refuse_form)
    api.add_exception_handler(Exception, _fail)
    return Boundary(api, parts.bodies, parts.journal)


def assemble() -> FastAPI:
    """Return the calls alone, which can be told of but not made."""
    api = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(check_query)],
        generate_unique_id_function=lambda route: route.name,
    )
    for router in ROUTERS:
        api.include_router(router)
    return api


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, PenstockError):
        raise error
    return _answer(request, visit_of(request).refusal_of(error))


async def _fail(request: Request, _error: Exception) -> JSONResponse:
    """Answer for a defect; Starlette raises it again behind the answer, and the server logs it."""
    return _answer(request, failure())


def _answer(request: Request, refusal: RequestRefused) -> JSONResponse:
    content = refusal_document(request.scope["path"], refusal)
    return JSONResponse(content, refusal.status, refusal.headers)


async def _refuse_form(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    status = 422 if any(fault["loc"][0] == "body" for fault in faults) else 400
    return JSONResponse({"detail": "; ".join(map(_fault, faults))}, status)


def _fault(fault: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in fault["loc"][1:]) or "body"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"
