"""The decision: may this subject make this call? Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.permissions.subject import Subject


class Verdict(Enum):
    """What the policy says to a request."""

    ALLOWED = "allowed"
    UNAUTHENTICATED = "log in first"
    FORBIDDEN = "not allowed"
    INVISIBLE = "as if it did not exist"


@dataclass(frozen=True, slots=True)
class Need:
    """A resource that a call touches, None where there is none, and the level it takes."""

    resource: Resource | None
    level: Level


def decide_access(access: Access, subject: Subject | None) -> Verdict:
    """Decide whether a subject may call a route at all; grants are asked after that."""
    if access is Access.ANYBODY:
        return Verdict.ALLOWED
    if subject is None:
        return Verdict.UNAUTHENTICATED
    if access in {Access.USER, Access.GRANTED} or subject.is_admin:
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN


def decide_needs(needs: Iterable[Need], scope: Scope) -> Verdict:
    """Decide about all that a call touches: allowed only where every need is met.

    What the subject may not even read is invisible, and so is what does not exist.
    """
    verdict = Verdict.ALLOWED
    for need in needs:
        level = Level.NONE if need.resource is None else scope.level(need.resource)
        if level < Level.READ:
            return Verdict.INVISIBLE
        if level < need.level:
            verdict = Verdict.FORBIDDEN
    return verdict
