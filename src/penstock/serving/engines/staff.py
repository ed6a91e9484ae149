"""Who is put on a cluster, and how many of them."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from penstock.serving.engines.calls import Peer
from penstock.serving.engines.keeper import Keeper

MakeApp = Callable[[Peer, Peer, Callable[[str], Peer]], Awaitable[Any]]
"""Makes the application of a router, of the keeper, the archive and a way to find models."""


class Scale(NamedTuple):
    """How many replicas each model has, and what share of processors each of them reserves.

    Load has to last for `grow_seconds` to add one, and to be away for `shrink_seconds` to end one.
    """

    least: int = 1
    most: int = 4
    cpus: float = 0.5
    grow_seconds: float = 10.0
    shrink_seconds: float = 300.0


class Staff(NamedTuple):
    """What a server is made of: who keeps its models, who keeps its records, and its routers."""

    keeper: Callable[[], Keeper]
    archive: Callable[[], object]
    make_app: MakeApp
    routers: int
