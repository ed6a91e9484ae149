"""What all calls of the inference server are: a request in, an answer out."""

from collections.abc import Awaitable, Callable

from penstock.serving.desk import Desk
from penstock.serving.exchange import Reply, Request

Call = Callable[[Desk, Request], Awaitable[Reply]]
