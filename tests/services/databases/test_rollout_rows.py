"""Revisions of plans on the databases of larger sites."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from penstock.errors import PlanConflict
from penstock.gateway.db.rollouts import State, first_of
from penstock.gateway.rollouts.ledger import Ledger
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

SCOPE = Scope("1", "team/ünï 🚀 'churn'", SemVer(1, 4, 0))
WRITERS = 8


def row_of(revision: int, by: str):
    runs = {"a" * 32: LiveRun(ModelStatus.Active, 1.0)}
    return first_of(Plan(SCOPE, revision, runs, updated_at=revision, updated_by=by))


@pytest.fixture
def ledger(database) -> Ledger:
    return Ledger(database)


def test_one_writer_alone_makes_the_next_revision(ledger):
    """The others get PlanConflict, however close they come; ten times in a row."""

    def add(revision: int, number: int) -> str | None:
        try:
            ledger.add(row_of(revision, f"writer-{number}"))
        except PlanConflict:
            return None
        return f"writer-{number}"

    with ThreadPoolExecutor(WRITERS) as pool:
        for revision in range(1, 11):
            calls = [pool.submit(add, revision, number) for number in range(WRITERS)]
            (winner,) = [one.result() for one in calls if one.result()]
            assert winner == ledger.newest(SCOPE).actor
    found = ledger.history(SCOPE, before=None, limit=100)
    assert list(range(10, 0, -1)) == [row.revision for row in found]
    assert [SCOPE] == [row.scope for row in ledger.newest_of_all("1")]


def test_states_go_one_way(ledger):
    """What others have taken up is not taken back, and what is taken back frees its number."""
    first, second = row_of(1, "ann"), row_of(2, "bob")
    ledger.add(first)
    ledger.mark_written(first)
    ledger.mark_settled(first)
    assert replace(first, state=State.SETTLED) == ledger.newest(SCOPE)
    ledger.add(second)
    assert ledger.take_back(second)
    ledger.add(row_of(2, "eve"))
    assert not ledger.take_back(second)
    ledger.open(row_of(2, "eve"))
    assert not ledger.take_back(row_of(2, "eve"))
    assert (1, 2) == (ledger.at(SCOPE, 2).revision, ledger.newest(SCOPE).revision)
