"""Changes that end in the middle: the plan is the old or the new one, and the next call repairs."""

import math
import random
from collections.abc import Iterator

import pytest

from contract.rollout.crashing import (
    FEW,
    ROUNDS,
    BreakingProxy,
    Wanted,
    bring_about,
    count_steps,
    draw,
    in_turn,
    is_anything,
    killed_at,
    live,
)
from contract.rollout.watched import is_write
from contract.rollout.workplace import Workplace
from penstock import MlflowClient
from penstock.errors import TransportError
from penstock.rollout.mlflow_api import change_status
from penstock.rollout.plans import Plan

SIDES = ("before", "after")


@pytest.fixture
def turns(run_ids) -> Iterator[Wanted]:
    """What is wanted in turn."""
    return in_turn(run_ids)


def check(place: Workplace, run_ids: list[str], before: Plan, wanted: Wanted) -> None:
    """Fail unless the plan is whole, and the next call brings all of the rest in step with it."""
    found = place.plan()
    assert dict(found.runs) in (dict(before.runs), live(wanted))
    assert 1 == math.fsum(found.active.values())
    change_status(min(found.runs), client=place.client)
    assert {} == place.behind(run_ids)
    assert found.says_the_same(place.plan())


def test_a_process_may_be_killed_at_every_step(place, run_ids, scope, login, turns):
    """Before the first request, and after each write; a hundred rounds kill after reads too."""
    bring_about(place.client, scope, next(turns))
    kind = is_anything if ROUNDS > FEW else is_write
    count = count_steps(login, scope, next(turns), wanted=kind)
    wanted = next(turns)
    for number, side in [(1, "before"), *((number, "after") for number in range(1, count + 1))]:
        before = place.plan()
        assert killed_at(login, scope, wanted, (number, side), kind=kind)
        check(place, run_ids, before, wanted)
        if place.plan().says_the_same(Plan(scope, runs=live(wanted))):
            wanted = next(turns)
    assert not killed_at(login, scope, wanted, (9 * count, "before"))


def test_any_change_repairs_what_a_killed_one_left(place, run_ids, scope, login):
    """The changes and the steps are drawn; a call that changes something repairs as well."""
    drawn = random.Random(20)
    for _ in range(ROUNDS):
        wanted, then = draw(drawn, run_ids), draw(drawn, run_ids)
        before = place.plan()
        killed_at(login, scope, wanted, (drawn.randint(1, 30), drawn.choice(SIDES)))
        assert dict(place.plan().runs) in (dict(before.runs), live(wanted))
        bring_about(place.client, scope, then)
        assert live(then) == dict(place.plan().runs)
        assert {} == place.behind(run_ids)


def test_a_server_may_be_lost_after_every_write(place, run_ids, scope, login, turns):
    """The write happened and its answer is lost: whoever made the change is told.

    The writes are drawn, and a hundred rounds know them all.
    """
    for wanted in (next(turns), next(turns)):
        count = count_steps(login, scope, wanted, wanted=is_write)
    wanted = next(turns)
    for number in random.Random(6).sample(range(1, count + 1), min(count, ROUNDS)):
        before = place.plan()
        with (
            BreakingProxy(login["tracking_uri"], number) as proxy,
            MlflowClient(**{**login, "tracking_uri": proxy.url}, retries=0) as client,
            pytest.raises(TransportError),
        ):
            bring_about(client, scope, wanted)
        check(place, run_ids, before, wanted)
        if place.plan().says_the_same(Plan(scope, runs=live(wanted))):
            wanted = next(turns)
