import pytest

from penstock.gateway.auth.subject import Subject
from penstock.gateway.db.users import UserId
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Verdict, decide

USER = Subject(UserId(1), "user@b.c", is_admin=False)
ADMINISTRATOR = Subject(UserId(2), "admin@b.c", is_admin=True)

DECISIONS = {
    (Access.ANYBODY, None): Verdict.ALLOWED,
    (Access.ANYBODY, USER): Verdict.ALLOWED,
    (Access.ANYBODY, ADMINISTRATOR): Verdict.ALLOWED,
    (Access.USER, None): Verdict.UNAUTHENTICATED,
    (Access.USER, USER): Verdict.ALLOWED,
    (Access.USER, ADMINISTRATOR): Verdict.ALLOWED,
    (Access.ADMINISTRATOR, None): Verdict.UNAUTHENTICATED,
    (Access.ADMINISTRATOR, USER): Verdict.FORBIDDEN,
    (Access.ADMINISTRATOR, ADMINISTRATOR): Verdict.ALLOWED,
}


@pytest.mark.parametrize(("access", "subject"), DECISIONS, ids=str)
def test_every_decision(access, subject):
    """The whole policy, one line for each pair of requirement and caller."""
    assert DECISIONS[access, subject] is decide(access, subject)


def test_every_requirement_is_decided_above():
    """A new requirement needs its three lines."""
    assert set(Access) == {access for access, _ in DECISIONS}
    assert 3 * len(Access) == len(DECISIONS)
