"""Rows for the two addresses at which MLflow serves the same call."""

from dataclasses import dataclass

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import NO_DUTIES, Body, Duties, Patience, Route
from penstock.gateway.proxy.targets.finder import Finder

V2 = "2.0/mlflow"
V3 = "3.0/mlflow"
STORE = "2.0/mlflow-artifacts"


@dataclass(frozen=True, slots=True)
class Travel:
    """How a call travels to MLflow."""

    body: Body = Body.JSON
    patience: Patience = Patience.ORDINARY


DOCUMENT = Travel()
TRANSFER = Travel(Body.STREAM, Patience.TRANSFER)


@dataclass(frozen=True, slots=True)
class Closed:
    """The need of a row that no grant opens, and why."""

    access: Access
    why: str


def administrators(why: str) -> Closed:
    """Return the need of a row for administrators alone."""
    return Closed(Access.ADMINISTRATOR, why)


def anyone_known(why: str) -> Closed:
    """Return the need of a row for everybody who has logged in."""
    return Closed(Access.USER, why)


Need = Finder | Duties | Closed
"""What a row asks: a finder of what must be granted, alone or with other duties, or no grant."""


def twins(version: str, call: str, need: Need, travel: Travel = DOCUMENT) -> tuple[Route, ...]:
    """Return the rows of one call at `/api` (for programs) and `/ajax-api` (for MLflow's pages).

    `call` is a method and a path below the version.
    """
    method, path = call.split()
    return tuple(
        row(f"{method} /{root}/{version}{path}", need, travel) for root in ("api", "ajax-api")
    )


def ajax(version: str, call: str, need: Need, travel: Travel = DOCUMENT) -> tuple[Route, ...]:
    """Return the row of a call that only MLflow's pages make, at `/ajax-api` alone."""
    method, path = call.split()
    return (row(f"{method} /ajax-api/{version}{path}", need, travel),)


def row(call: str, need: Need, travel: Travel = DOCUMENT) -> Route:
    """Return the row of one call at the one address that it names."""
    method, path = call.split()
    access, duties, why = Access.GRANTED, NO_DUTIES, ""
    if isinstance(need, Closed):
        access, why = need.access, need.why
    else:
        duties = Duties(targets=need) if isinstance(need, Finder) else need
    return Route(method, path, access, travel.body, travel.patience, duties=duties, why=why)
