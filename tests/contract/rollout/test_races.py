"""Writers that meet: no plan is torn, the last one wins, and all that follows from it is right."""

import math
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import pytest

from contract.rollout.crashing import (
    FEW,
    PROCESSES,
    ROUNDS,
    Steps,
    Wanted,
    bring_about,
    count_steps,
    draw,
    live,
)
from contract.rollout.sides import stock_only
from contract.rollout.watched import endpoint, is_write
from penstock import MlflowClient
from penstock.errors import PlanConflict
from penstock.rest.exchange import Request
from penstock.rollout import changes
from penstock.rollout.changing import preview
from penstock.rollout.members import read_affected
from penstock.rollout.mlflow_api import change_status, history, plan, update_active_runs
from penstock.rollout.plan_tags import PlanTags
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope

WRITERS = 8
LATER = "later"
UPDATES = {"direct": 25, "gateway": 25 if ROUNDS > FEW else 5, LATER: 1}
"""Of each writer, in the first round, and in each later one.

Two hundred in all over the gateway have a quicker test of their own, too.
"""

READING_SECONDS = 0.1
"""Between two looks at the plan, which else would take the server from the writers."""


def met(login: dict[str, str], scope: Scope, wanted: Wanted, steps: Steps) -> None:
    """Make a change through a client that is held up at a step."""
    with MlflowClient(**login, retries=0) as client:
        steps.watch(client)
        bring_about(client, scope, wanted)


def test_two_writers_may_meet_at_every_write(place, run_ids, scope, login):
    """Whoever is held up there; the writes are drawn, and a hundred rounds know them all."""
    drawn = random.Random(3)
    first, second, third = (draw(drawn, run_ids) for _ in range(3))
    bring_about(place.client, scope, first)
    count = count_steps(login, scope, second, wanted=is_write)
    for number in drawn.sample(range(1, count + 1), min(count, ROUNDS)):
        bring_about(place.client, scope, first)
        steps = Steps(
            number,
            act=lambda: bring_about(place.client, scope, third),
            wanted=is_write,
        )
        met(login, scope, second, steps)
        assert dict(place.plan().runs) in (live(second), live(third))
        assert {} == place.behind(run_ids)


def sets_tag(request: Request) -> bool:
    return request.method == "PUT" or "experiments/set-experiment-tag" == endpoint(request)


def test_a_writer_that_was_held_up_leaves_all_in_step(place, run_ids, scope, login):
    """The other's mirrors are of its own revision, or of later ones: they would win by these."""
    drawn = random.Random(4)
    bring_about(place.client, scope, draw(drawn, run_ids))
    for number in range(ROUNDS):
        others = [draw(drawn, run_ids) for _ in range(1 + number % 3)]
        wanted = draw(drawn, run_ids)

        def meanwhile(others: list[Wanted] = others) -> None:
            for other in others:
                bring_about(place.client, scope, other)

        met(login, scope, wanted, Steps(1, act=meanwhile, wanted=sets_tag))
        assert live(wanted) == dict(place.plan().runs)
        assert {} == place.behind(run_ids)


@stock_only
def test_a_writer_that_sees_anothers_plan_is_told(place, run_ids, scope, login, monkeypatch):
    """Where it cannot try again: it is a PlanConflict, and the other's plan holds."""
    drawn = random.Random(7)
    one, other = draw(drawn, run_ids), Plan(scope, 1, live(draw(drawn, run_ids)))
    steps = Steps(1, "after", lambda: PlanTags(place.plain).write(other), wanted=sets_tag)
    with monkeypatch.context() as once:
        once.setattr("penstock.rollout.changing.ATTEMPTS", 1)
        with pytest.raises(PlanConflict, match="somebody else changed"):
            met(login, scope, one, steps)
    assert other == place.plan()
    assert other == change_status(run_ids[0], client=place.client)
    assert {} == place.behind(run_ids)


@pytest.fixture
def between_reads() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Let something happen once, between the reads of a plan and of its runs."""
    with pytest.MonkeyPatch.context() as patch:

        def let(happen: Callable[[], Any]) -> None:
            def read_late(*arguments: Any) -> Any:
                patch.undo()
                happen()
                return read_affected(*arguments)

            patch.setattr("penstock.rollout.changing.read_affected", read_late)

        yield let


def test_a_change_between_two_reads_is_no_reason_to_refuse(place, between_reads):
    """Runs that became Active after the plan was read are not taken for Disabled ones."""
    first, second = place.add_runs(2)
    update_active_runs({first: 1}, **place.scope)
    between_reads(lambda: update_active_runs({first: 1, second: 1}, **place.scope))
    update_active_runs({second: 1}, **place.scope)
    assert (3, {second: 1.0}) == (place.plan().revision, place.fractions())


def test_a_change_between_two_reads_is_no_reason_to_foresee_a_refusal(place, between_reads):
    """Who asks what a change would do is told of the plan that has come."""
    first, second = place.add_runs(2)
    before = update_active_runs({first: 1}, **place.scope)
    between_reads(lambda: update_active_runs({first: 1, second: 1}, **place.scope))
    present, followed = preview(
        place.client,
        before.scope,
        [second],
        lambda plan, statuses: changes.update_active_runs(plan, {second: 1}, statuses),
    )
    assert ({first: 0.5, second: 0.5}, {second: 1.0}) == (present.active, followed.active)
    assert present == place.plan(), "nothing is written"


def update(
    login: dict[str, str], place: dict[str, Any], shares: list[dict[str, float]]
) -> list[str]:
    """Make some updates, and return how each ended."""
    ends = []
    with MlflowClient(**login, retries=0) as client:
        for wanted in shares:
            try:
                update_active_runs(wanted, **place, client=client)
            except PlanConflict:
                ends.append("conflict")
            else:
                ends.append("written")
    return ends


def draw_shares(
    drawn: random.Random, run_ids: list[str], kind: str
) -> list[list[dict[str, float]]]:
    """Return the fractions, which add up to 1, of the updates of each writer."""
    shares = []
    for _ in range(WRITERS):
        parts = [[drawn.randint(1, 9) for _ in run_ids] for _ in range(UPDATES[kind])]
        shares.append(
            [dict(zip(run_ids, (part / sum(one) for part in one), strict=True)) for one in parts]
        )
    return shares


@contextmanager
def reading(read: Callable[[], Any]) -> Iterator[list[float]]:
    """Note what the fractions add up to, again and again."""
    is_over, sums = threading.Event(), []

    def look() -> None:
        sums.append(math.fsum(read().active.values()))
        while not is_over.wait(READING_SECONDS):
            sums.append(math.fsum(read().active.values()))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        yield sums
    finally:
        is_over.set()
        reader.join(60)


def test_updates_of_eight_processes_end_in_one_of_them(place, login, side):
    """Each read meanwhile adds up to 1; at the end all mirrors say what the plan says."""
    run_ids = place.add_runs(3)
    update_active_runs({run_ids[0]: 1}, **place.scope)
    scope = {"model_version": "1.4.2", "experiment_id": place.experiment_id}
    written = 0
    with ProcessPoolExecutor(WRITERS, mp_context=PROCESSES) as writers:
        for number in range(ROUNDS):
            shares = draw_shares(random.Random(9 + number), run_ids, LATER if number else side)
            with reading(place.plan) as sums:
                told = list(writers.map(update, repeat(login), repeat(scope), shares))
            ends = [end for one in told for end in one]
            assert sum(map(len, shares)) == len(ends)
            written += ends.count("written")
            final = place.fractions()
            assert any(final == pytest.approx(wanted) for one in shares for wanted in one)
            assert {1.0} == set(sums)
            assert {} == place.behind(run_ids)
    if side == "gateway":
        known = {one.revision for one in history(**place.scope, limit=10_000)}
        assert set(range(1, plan(**place.scope).revision + 1)) == known
        assert written >= len(known) - 1
