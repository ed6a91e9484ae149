"""Rows for the two addresses at which MLflow serves the same call."""

from collections.abc import Iterator

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import NO_DUTIES, Body, Duties, Patience, Route

V2 = "2.0/mlflow"
V3 = "3.0/mlflow"


def twins(
    version: str,
    calls: str,
    *,
    access: Access = Access.USER,
    body: Body = Body.JSON,
    patience: Patience = Patience.ORDINARY,
    duties: Duties = NO_DUTIES,
) -> tuple[Route, ...]:
    """Return rows at `/api` (for programs) and `/ajax-api` (for MLflow's pages).

    `calls` holds one call a line: a method and a path below the version.
    """
    return tuple(
        Route(method, f"/{root}/{version}{path}", access, body, patience, duties=duties)
        for method, path in _read(calls)
        for root in ("api", "ajax-api")
    )


def ajax(
    version: str,
    calls: str,
    *,
    access: Access = Access.USER,
    body: Body = Body.JSON,
    patience: Patience = Patience.ORDINARY,
    duties: Duties = NO_DUTIES,
) -> tuple[Route, ...]:
    """Return rows for calls that only MLflow's pages make, at `/ajax-api` alone."""
    return tuple(
        Route(method, f"/ajax-api/{version}{path}", access, body, patience, duties=duties)
        for method, path in _read(calls)
    )


def _read(calls: str) -> Iterator[tuple[str, str]]:
    for line in calls.strip().splitlines():
        method, path = line.split()
        yield method, path
