"""Who may call a route at all, and what the grants say."""

import pytest

from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Verdict, decide_access
from penstock.gateway.permissions.subject import Subject, UserId

USER = Subject(UserId(2), "ann@example.org", is_admin=False)
ADMIN = Subject(UserId(1), "admin@localhost", is_admin=True)
DECISIONS = {
    (Access.ANYBODY, None): Verdict.ALLOWED,
    (Access.ANYBODY, USER): Verdict.ALLOWED,
    (Access.ANYBODY, ADMIN): Verdict.ALLOWED,
    (Access.USER, None): Verdict.UNAUTHENTICATED,
    (Access.USER, USER): Verdict.ALLOWED,
    (Access.USER, ADMIN): Verdict.ALLOWED,
    (Access.GRANTED, None): Verdict.UNAUTHENTICATED,
    (Access.GRANTED, USER): Verdict.ALLOWED,
    (Access.GRANTED, ADMIN): Verdict.ALLOWED,
    (Access.ADMINISTRATOR, None): Verdict.UNAUTHENTICATED,
    (Access.ADMINISTRATOR, USER): Verdict.FORBIDDEN,
    (Access.ADMINISTRATOR, ADMIN): Verdict.ALLOWED,
}


def test_each_requirement_has_a_decision_for_each_caller():
    """No pair is left to chance."""
    assert {(access, one) for access in Access for one in (None, USER, ADMIN)} == set(DECISIONS)


@pytest.mark.parametrize(("access", "subject"), DECISIONS)
def test_who_may_call_a_route(access, subject):
    """Default deny: only what the table says is allowed."""
    assert DECISIONS[access, subject] is decide_access(access, subject)
