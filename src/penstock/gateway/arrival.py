"""How a request came here: its id, from which address, and under which name of ours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from starlette.types import Scope

from penstock.gateway.networks import Network, is_address, is_within
from penstock.gateway.proxy.request_headers import Headers, find_header


@dataclass(frozen=True, slots=True)
class Arrival:
    """The circumstances of one request. `address` is the caller's, `host` the `Host` they named.

    `is_https` tells whether a browser speaks https, to us or to the proxy in front.
    """

    request_id: str
    address: str
    host: str
    is_https: bool

    @property
    def address_of_gateway(self) -> str:
        """The address by which the caller reaches the gateway."""
        return f"{'https' if self.is_https else 'http'}://{self.host}"


def arrive(scope: Scope, trusted: Sequence[Network], *, is_https: bool = False) -> Arrival:
    """Return how a request came; `is_https` is what the gateway's public address says.

    `X-Forwarded-For` and `X-Forwarded-Proto` count only from a peer in a trusted network, and of
    the former only the last address that is not a trusted proxy's: what stands before it is the
    caller's own word.
    """
    headers = scope["headers"]
    peer = scope["client"][0] if scope["client"] else ""
    scheme, address = scope.get("scheme", "http"), peer
    if trusted and is_within(peer, trusted):
        address = _forwarded_for(headers, trusted) or peer
        scheme = _last(headers, b"x-forwarded-proto") or scheme
    host = (find_header(headers, b"host") or b"").decode("latin-1")
    return Arrival(uuid4().hex, address, host, is_https or scheme.lower() == "https")


def _forwarded_for(headers: Headers, trusted: Sequence[Network]) -> str | None:
    listed = b",".join(value for name, value in headers if name == b"x-forwarded-for")
    for part in reversed(listed.decode("latin-1").split(",")):
        address = part.strip()
        if not is_address(address):
            return None
        if not is_within(address, trusted):
            return address
    return None


def _last(headers: Headers, name: bytes) -> str | None:
    values = [value for key, value in headers if key == name]
    return values[-1].decode("latin-1").rpartition(",")[2].strip() if values else None
