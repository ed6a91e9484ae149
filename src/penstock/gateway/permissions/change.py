"""What a call that succeeded has changed about resources; the grants are kept in step with it."""

from dataclasses import dataclass

from penstock.gateway.permissions.resource import Resource


@dataclass(frozen=True, slots=True)
class Created:
    """A resource came to be; whoever made it manages it, and grants that waited for it bind."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class Renamed:
    """A resource has another name; its exact grants go with it. `old` is None where unknown."""

    old: str | None
    resource: Resource


@dataclass(frozen=True, slots=True)
class Deleted:
    """A resource is gone for good; its exact grants end."""

    resource: Resource


Change = Created | Renamed | Deleted
