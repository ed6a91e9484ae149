"""One row of the route table."""

from dataclasses import dataclass
from enum import Enum

from penstock.gateway.permissions.access import Access


class Home(Enum):
    """Who answers."""

    GATEWAY = "the gateway itself"
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
class Route:
    """Who may call one method of one path, and how the call travels.

    `path` is a template: `{name}` stands for one segment, `{name:path}` for one or more.
    """

    method: str
    path: str
    access: Access
    body: Body = Body.JSON
    patience: Patience = Patience.ORDINARY
    home: Home = Home.MLFLOW
