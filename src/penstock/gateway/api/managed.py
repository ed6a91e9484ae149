"""Which grants are on what somebody manages."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from penstock.errors import RequestRefused, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope

log = structlog.get_logger()

MOST: Final = 500
"""Resources that MLflow is asked about for one list."""

AT_ONCE: Final = 8


class Lookup(Protocol):
    """Finds resources."""

    async def find(self, reference: Reference) -> Resource | None:
        """Return the resource of a reference, or None. Raises UpstreamError."""
        ...


async def managed(lookup: Lookup, scope: Scope, grants: Sequence[Grant]) -> list[Grant]:
    """Return the grants on single resources that a subject manages; administrators get all.

    What MLflow does not know, or answers about in a way that nobody understands, is left out.
    Raises UpstreamError when it does not answer, RequestRefused (400) for more than it is asked.
    """
    if scope.is_admin:
        return list(grants)
    managing = {kind for kind in Kind if _manages_any(scope, kind)}
    patterns = {
        one.pattern
        for one in grants
        if one.pattern.kind in managing and _may_manage(scope, one.pattern)
    }
    if len(patterns) > MOST:
        raise RequestRefused(
            400,
            "INVALID_PARAMETER_VALUE",
            f"these are grants on more than {MOST} things; narrow them by subject, kind or pattern",
        )
    limit = asyncio.Semaphore(AT_ONCE)

    async def find_managed(pattern: Pattern) -> Pattern | None:
        async with limit:
            resource = await _find_known(lookup, pattern)
        is_managed = resource is not None and scope.level(resource) >= Level.MANAGE
        return pattern if is_managed else None

    found = set(await asyncio.gather(*map(find_managed, patterns)))
    return [one for one in grants if one.pattern in found]


async def find_resource(lookup: Lookup, pattern: Pattern) -> Resource | None:
    """Return the one resource that a pattern matches now, or None. Raises UpstreamError."""
    if pattern.is_prefix:
        return None
    if pattern.kind is Kind.REGISTERED_MODEL:
        named, identifier = Named.REGISTERED_MODEL, pattern.text
    elif pattern.resource_id is not None:
        named, identifier = Named.EXPERIMENT, pattern.resource_id
    elif pattern.names_id:
        named, identifier = Named.EXPERIMENT, pattern.text.removeprefix("id:")
    else:
        named, identifier = Named.EXPERIMENT_NAME, pattern.text
    return await lookup.find(Reference(named, identifier, Level.READ))


async def _find_known(lookup: Lookup, pattern: Pattern) -> Resource | None:
    try:
        return await find_resource(lookup, pattern)
    except (UpstreamUnreachable, UpstreamTimeout):
        raise
    except UpstreamError as error:
        log.warning("grant left out", pattern=pattern.text, reason=str(error))
        return None


def _manages_any(scope: Scope, kind: Kind) -> bool:
    levels = (one.level for one in scope.readable(kind))
    return scope.default >= Level.MANAGE or any(one >= Level.MANAGE for one in levels)


def _may_manage(scope: Scope, pattern: Pattern) -> bool:
    """Return whether it is worth while to ask: where a name is all that counts, it says so."""
    if pattern.is_prefix:
        return False
    if pattern.resource_id is not None or pattern.names_id:
        return True
    return scope.level(Resource(pattern.kind, pattern.text)) >= Level.MANAGE
