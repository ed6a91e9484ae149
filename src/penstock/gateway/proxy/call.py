"""One request, as it was read and identified; everything after that decides by this value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.errors import RequestRefused
from penstock.gateway.permissions.subject import Subject

if TYPE_CHECKING:
    from penstock.gateway.proxy.route import Route


@dataclass(frozen=True, slots=True)
class Call:
    """A request to one row of the route table.

    `query` holds the pairs as sent, decoded; `document` the parsed JSON body; `body` bytes that
    are no JSON, `target` path and query as they go on. `parameters` are those of the path, decoded.
    """

    route: "Route"
    method: str
    target: str
    subject: Subject
    headers: Sequence[tuple[bytes, bytes]] = field(default=(), repr=False)
    query: Sequence[tuple[str, str]] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)

    def argument(self, name: str) -> str | None:
        """Return a query argument, or None. Raises RequestRefused (400) for two of the name."""
        values = [value for key, value in self.query if key == name]
        if len(values) > 1:
            raise RequestRefused(
                400, "INVALID_PARAMETER_VALUE", f"the query names '{name}' more than once"
            )
        return values[0] if values else None
