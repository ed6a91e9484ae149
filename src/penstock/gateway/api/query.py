"""See that a query says each of its arguments once, and none that the call does not have."""

from collections import Counter

from fastapi import Request
from fastapi.routing import APIRoute

from penstock.gateway.api.parameters import bad_request

PROBES = frozenset({"/health", "/ready", "/metrics"})
"""Load balancers and collectors may add what they like to them."""


async def check_query(request: Request) -> None:
    """Refuse (400) what would be overlooked. Raises RequestRefused."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or route.path in PROBES:
        return
    known = {field.alias for field in route.dependant.query_params}
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            expected = f"it knows {', '.join(sorted(known))}" if known else "it knows none"
            raise bad_request(f"the query argument '{name}' is none of this call's; {expected}")
        if count > 1:
            raise bad_request(f"the query names '{name}' more than once")
