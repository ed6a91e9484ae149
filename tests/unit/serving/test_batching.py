"""Rows that are predicted together, and threads that models may hang in."""

import asyncio
import threading
from typing import Any

import pytest

from penstock.errors import ModelFailed, PredictionTimeout
from penstock.serving.engines import probe
from penstock.serving.engines.batcher import Batcher
from penstock.serving.engines.columns import Column
from penstock.serving.engines.crowd import Crowd
from penstock.serving.engines.lanes import MOST_CALLS, MOST_LOST, Lanes
from penstock.serving.engines.probe import answers_alike, is_same
from penstock.serving.engines.threads import Threads
from unit.serving.tiny_models import until

COLUMNS = (Column("x", "double"), Column("n", "long"), Column("s", "string"))


def batched(story, **options: Any):
    """Run a story with a batcher whose model waits for a sign; return the sizes of the batches."""
    sizes = []

    async def tell():
        gate = asyncio.Event()

        async def predict(rows):
            sizes.append(len(rows))
            await gate.wait()
            if any(row[0] < 0 for row in rows):
                raise ModelFailed("a negative row")
            return [row[0] * 2 for row in rows]

        chosen = {"most_rows": 8, "wait_seconds": 60.0, **options}
        return await story(Batcher(predict, **chosen), gate)

    return asyncio.run(tell()), sizes


def test_rows_gather_while_a_prediction_is_under_way():
    """The first goes at once, the others together, each gets its own answer."""

    async def story(batcher, gate):
        first = asyncio.create_task(batcher.predict((0,)))
        await asyncio.sleep(0.01)
        others = [asyncio.create_task(batcher.predict((number,))) for number in range(1, 6)]
        await asyncio.sleep(0.01)
        gate.set()
        return await asyncio.gather(first, *others)

    answers, sizes = batched(story)
    assert ([0, 2, 4, 6, 8, 10], [1, 5]) == (answers, sizes)


def test_no_batch_is_larger_than_it_may_be():
    """What is too much goes beside it."""

    async def story(batcher, gate):
        tasks = [asyncio.create_task(batcher.predict((number,))) for number in range(20)]
        await asyncio.sleep(0.01)
        gate.set()
        return await asyncio.gather(*tasks)

    answers, sizes = batched(story)
    assert [number * 2 for number in range(20)] == answers
    assert max(sizes) <= 8
    assert 20 == sum(sizes)


def test_what_has_come_by_then_is_read_first():
    """Rows that take some turns of the loop to be read go with the first one."""

    async def story(batcher, gate):
        gate.set()

        async def late(turns):
            for _ in range(turns):
                await asyncio.sleep(0)
            return await batcher.predict((turns,))

        return await asyncio.gather(*(late(turns) for turns in range(1, 6)))

    answers, sizes = batched(story)
    assert ([2, 4, 6, 8, 10], [5]) == (answers, sizes)


@pytest.mark.parametrize(("wait_seconds", "sizes"), [(60.0, [3]), (0.02, [1, 2])])
def test_rows_wait_a_little_for_what_other_models_predict(wait_seconds, sizes):
    """The processor is theirs, and meanwhile more rows come; but not for long."""
    crowd = Crowd()
    crowd.begin()

    async def story(batcher, gate):
        gate.set()
        first = asyncio.create_task(batcher.predict((0,)))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(batcher.predict((number,))) for number in (1, 2)]
        await asyncio.sleep(0)
        crowd.end()
        return await asyncio.gather(first, *others)

    assert ([0, 2, 4], sizes) == batched(story, wait_seconds=wait_seconds, crowd=crowd)


def test_the_wait_for_a_slow_prediction_is_bounded():
    """Then the row goes beside it."""

    async def story(batcher, gate):
        first = asyncio.create_task(batcher.predict((1,)))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(batcher.predict((2,)))
        await until(lambda: not batcher._waiting)
        gate.set()
        return await asyncio.gather(first, second)

    answers, sizes = batched(story, wait_seconds=0.02)
    assert ([2, 4], [1, 1]) == (answers, sizes)


def test_a_row_that_the_model_cannot_take_fails_alone():
    """The others of its batch are asked for once more."""

    async def story(batcher, gate):
        gate.set()
        tasks = [asyncio.create_task(batcher.predict((number,))) for number in (1, -1, 3)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers, _ = batched(story)
    assert (2, 6) == (answers[0], answers[2])
    assert isinstance(answers[1], ModelFailed)


def test_who_has_left_is_not_predicted_for():
    """A cancelled request takes no part in the batch."""

    async def story(batcher, gate):
        first = asyncio.create_task(batcher.predict((0,)))
        await asyncio.sleep(0.01)
        gone, stays = (asyncio.create_task(batcher.predict((n,))) for n in (1, 2))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(first, stays)

    answers, sizes = batched(story)
    assert ([0, 4], [1, 1]) == (answers, sizes)


def test_a_model_that_hangs_holds_up_nobody_else():
    """Its caller is told in time, and others are answered."""
    release = threading.Event()

    async def story():
        lanes = Lanes(Threads(), seconds=0.1)
        for _ in range(12):
            with pytest.raises(PredictionTimeout, match=r"0\.1 seconds"):
                await lanes.run(release.wait)
        assert 7 == await lanes.run(lambda: 7)
        release.set()

    asyncio.run(story())


def test_calls_whose_callers_have_left_keep_no_place():
    """They may hang, and nobody is left to give them up."""
    release = threading.Event()

    async def story():
        lanes = Lanes(Threads(), seconds=60)
        left = [asyncio.create_task(lanes.run(release.wait)) for _ in range(2 * MOST_CALLS)]
        await until(lambda: MOST_CALLS == len(lanes._running))
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        assert not lanes._waiting
        assert 7 == await lanes.run(lambda: 7)
        release.set()
        await until(lambda: not lanes._lost)

    asyncio.run(story())


def test_a_model_that_always_hangs_is_not_asked_any_more():
    """Threads are no endless supply; when calls end after all, it is asked again."""
    release = threading.Event()

    async def story():
        lanes = Lanes(Threads(), seconds=0.02)
        hanging = [asyncio.create_task(lanes.run(release.wait)) for _ in range(2 * MOST_LOST)]
        await asyncio.gather(*hanging, return_exceptions=True)
        while len(lanes._lost) < MOST_LOST:
            with pytest.raises(PredictionTimeout):
                await lanes.run(release.wait)
        with pytest.raises(PredictionTimeout, match="hang"):
            await lanes.run(lambda: 7)
        release.set()
        await until(lambda: not lanes._lost)
        assert 7 == await lanes.run(lambda: 7)

    asyncio.run(story())


def test_jobs_of_a_moment_share_a_thread(monkeypatch):
    """A thread that has just begun goes on with what is asked for meanwhile."""
    monkeypatch.setattr("penstock.serving.engines.threads.MOMENT_SECONDS", 60)
    names = []

    async def story():
        threads = Threads()
        lanes = [Lanes(threads, seconds=5) for _ in range(4)]
        calls = (lane.run(lambda: names.append(threading.get_ident())) for lane in lanes)
        await asyncio.gather(*calls)

    asyncio.run(story())
    assert (4, 1) == (len(names), len(set(names)))


def test_who_waits_for_longer_than_a_moment_gets_another_thread():
    """A call that takes long holds up no other, of its model or of another one."""
    release = threading.Event()

    async def story():
        threads = Threads()
        slow, quick = Lanes(threads, seconds=5), Lanes(threads, seconds=5)
        hanging = [asyncio.create_task(slow.run(release.wait)) for _ in range(3 * MOST_CALLS)]
        assert 7 == await quick.run(lambda: 7)
        release.set()
        assert {True} == set(await asyncio.gather(*hanging))

    asyncio.run(story())


def test_what_a_call_raises_reaches_who_asked():
    """Also what is no ordinary error."""

    def fail():
        raise KeyboardInterrupt

    async def story():
        lanes = Lanes(Threads(), seconds=5)
        with pytest.raises(KeyboardInterrupt):
            await lanes.run(fail)

    asyncio.run(story())


def test_a_model_batches_if_each_row_is_answered_as_alone():
    """Found by a trial with made-up rows."""
    assert answers_alike(lambda rows: [row[0] + row[1] for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [row[0] + len(rows) * 1e-15 for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [float(row[2]) for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [row[0] for row in rows[:1]], COLUMNS)


def test_two_ways_are_the_same_if_all_their_answers_are():
    """Found by a trial with made-up rows; a way that fails is another one."""
    assert is_same(
        lambda rows: [row[0] for row in rows], lambda rows: [r[0] for r in rows], COLUMNS
    )
    assert not is_same(
        lambda rows: [row[0] for row in rows],
        lambda rows: [row[0] + 1e-12 for row in rows],
        COLUMNS,
    )
    assert not is_same(lambda rows: [row[0] for row in rows], lambda rows: rows[99], COLUMNS)


def test_a_trial_that_hangs_holds_up_no_loading(monkeypatch):
    """The model does without what the trial would have shown, and is asked no more rows."""
    monkeypatch.setattr(probe, "TRIAL_SECONDS", 0.05)
    release, asked = threading.Event(), []

    def hang(rows):
        asked.append(rows)
        release.wait()
        return [1 for _ in rows]

    assert not answers_alike(hang, COLUMNS)
    assert not is_same(hang, hang, COLUMNS)
    release.set()
    for thread in threading.enumerate():
        if thread.name == "penstock-trial":
            thread.join(10)
    assert 2 == len(asked)


def test_an_answer_does_not_wait_for_the_next_job_that_hangs():
    """It is told with the next one's if that comes in a moment, and else without it."""
    begun, go_on, release = (threading.Event() for _ in range(3))

    def first():
        begun.set()
        go_on.wait()
        return 1

    async def story():
        threads = Threads()
        asked = [
            asyncio.create_task(Lanes(threads, seconds=60).run(call))
            for call in (first, release.wait)
        ]
        await asyncio.to_thread(begun.wait)
        go_on.set()
        assert 1 == await asyncio.wait_for(asked[0], 20)
        release.set()
        assert await asked[1]

    asyncio.run(story())
