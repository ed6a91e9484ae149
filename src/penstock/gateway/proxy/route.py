"""One row of the route table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.change import Change
from penstock.gateway.permissions.reference import Reference
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.searches import Search


class Home(Enum):
    """Who answers."""

    GATEWAY = "the gateway itself"
    PAGES = "the gateway's own pages"
    MLFLOW = "MLflow"


class Body(Enum):
    """How a request's body travels."""

    JSON = "read whole up to the bound, parsed, and sent on as parsed"
    BOUNDED = "read whole up to the bound, sent on as it is"
    STREAM = "streamed, of any length"


class Patience(Enum):
    """How long MLflow may take until its answer begins."""

    ORDINARY = "PENSTOCK_UPSTREAM_SECONDS"
    LONG = "PENSTOCK_UPSTREAM_LONG_SECONDS"
    TRANSFER = "PENSTOCK_UPSTREAM_TRANSFER_SECONDS"


@dataclass(frozen=True, slots=True)
class Travel:
    """How a call travels to MLflow and how long that may take."""

    body: Body = Body.JSON
    patience: Patience = Patience.ORDINARY


TRANSFER = Travel(Body.STREAM, Patience.TRANSFER)
"""The way of artifacts."""

Finder = Callable[[Call], Sequence[Reference]]
"""Names all that a call touches. Pure. Raises RequestRefused (400) for a call that is unclear."""

Rewrite = Callable[[Call], Mapping[str, Any]]
"""Returns the JSON body that goes on to MLflow. Pure. Raises RequestRefused for what must not."""

Foresee = Callable[[Call], Change]
"""Returns what changes once MLflow carries a call out. Pure."""

Sift = Callable[[Mapping[str, Any], Scope], Mapping[str, Any]]
"""Returns an answer of MLflow's of status 200 without what the caller may not read. Pure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What a route does beside being forwarded."""

    targets: Finder | None = None
    action: Action | None = None
    rewrite: Rewrite | None = None
    foresee: Foresee | None = None
    sift: Sift | None = None
    search: Search | None = None


NO_DUTIES = Duties()


@dataclass(frozen=True, slots=True)
class Route:
    """Who may call one method of one path, and how the call travels.

    `path` is a template: `{name}` stands for one segment, `{name:path}` for one or more. `why`
    is the reason why a row needs no grant, or only administrators may call it. `served_at` is
    where MLflow has what this path stands for, if that is another, and `default` an argument that
    it needs there and did not need here.
    """

    method: str
    path: str
    access: Access
    body: Body = Body.JSON
    patience: Patience = Patience.ORDINARY
    home: Home = Home.MLFLOW
    duties: Duties = NO_DUTIES
    why: str = ""
    served_at: str = ""
    default: tuple[str, str] | None = None

    @property
    def action(self) -> Action:
        """What the call does; GET reads and all else writes, unless the row says otherwise."""
        if self.duties.action is not None:
            return self.duties.action
        return Action.READ if self.method == "GET" else Action.WRITE
