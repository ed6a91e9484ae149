"""Whether the gateway is alive, and whether it can work."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, Request

from penstock.errors import DatabaseUnavailable, RequestRefused, UpstreamError
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Success
from penstock.gateway.db.engine import check_connection
from penstock.gateway.own_request import parts_of
from penstock.gateway.proxy.upstream import Pace, Upstream

router = APIRouter(tags=["Health"])

READY_PACE = Pace(5)


@router.get("/health")
async def health() -> Success:
    """Answer as long as the gateway runs: without a login, without MLflow."""
    return Success()


@router.get("/ready", responses=refusals(503))
async def ready(request: Request) -> Success:
    """Answer 200 when the database and MLflow answer too, 503 with the reason otherwise."""
    parts = parts_of(request)
    try:
        await asyncio.to_thread(check_connection, parts.database.engine)
        await _check_upstream(parts.upstream)
    except (DatabaseUnavailable, UpstreamError) as error:
        raise RequestRefused(
            503, "TEMPORARILY_UNAVAILABLE", str(error), headers={"Retry-After": "1"}
        ) from error
    return Success()


async def _check_upstream(upstream: Upstream) -> None:
    async with upstream.send("GET", "/health", pace=READY_PACE) as answer:
        if answer.status != HTTPStatus.OK:
            raise UpstreamError(f"MLflow's /health answers {answer.status}")
