"""What calls change about resources; the grants are kept in step with it."""

from dataclasses import dataclass
from datetime import datetime

from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.subject import UserId


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


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that somebody has asked MLflow for, at some moment; it may have happened or not.

    An experiment that is to be created has no id yet.
    """

    user_id: UserId
    email: str
    at: datetime
    change: Change
