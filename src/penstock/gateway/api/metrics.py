"""The gateway's numbers, for Prometheus."""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from penstock.gateway.api.answers import refusals
from penstock.gateway.auth.proof import find_authorization, unauthenticated
from penstock.gateway.metrics import CONTENT_TYPE
from penstock.gateway.own_request import parts_of

router = APIRouter(tags=["Health"])


@router.get("/metrics", response_class=PlainTextResponse, responses=refusals(401))
async def metrics(request: Request) -> Response:
    """Return the numbers in Prometheus's text format; 401 without the token, where one is set."""
    parts = parts_of(request)
    token = parts.settings.metrics_token
    if token is not None:
        brought = find_authorization(request.scope["headers"]) or b""
        wanted = b"Bearer " + token.get_secret_value().encode()
        if not hmac.compare_digest(brought, wanted):
            raise unauthenticated("the numbers take the Bearer token of PENSTOCK_METRICS_TOKEN")
    return Response(parts.metrics.page(), media_type=CONTENT_TYPE)
