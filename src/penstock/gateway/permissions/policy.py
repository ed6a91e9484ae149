"""The decision: may this subject use a route of this requirement? Pure."""

from enum import Enum

from penstock.gateway.auth.subject import Subject
from penstock.gateway.permissions.access import Access


class Verdict(Enum):
    """What the policy says to a request."""

    ALLOWED = "allowed"
    UNAUTHENTICATED = "log in first"
    FORBIDDEN = "not allowed"


def decide(access: Access, subject: Subject | None) -> Verdict:
    """Decide; whatever is not allowed here is refused."""
    if access is Access.ANYBODY:
        return Verdict.ALLOWED
    if subject is None:
        return Verdict.UNAUTHENTICATED
    if access is Access.USER or subject.is_admin:
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN
