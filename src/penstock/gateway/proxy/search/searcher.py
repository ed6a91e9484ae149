"""Answer searches."""

from typing import Any

from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.upstream import Upstream


class MlflowSearcher:
    """Answers the searches with what the caller may read."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def search(self, call: Call) -> dict[str, Any]:
        """Return MLflow's answer to a search, with what the caller may read alone."""
        return {}
