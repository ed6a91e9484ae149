"""Ask MLflow which experiment or registered model an identifier belongs to."""

from penstock.gateway.permissions.reference import Reference
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.proxy.upstream import Upstream


class MlflowLookup:
    """Finds the resource behind an identifier."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def find(self, reference: Reference) -> Resource | None:
        """Return the resource, or None where there is none. Raises UpstreamError."""
        return None
