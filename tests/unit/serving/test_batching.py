"""Rows that are predicted together, and threads that models may hang in."""

import asyncio
import threading
from typing import Any

import pytest

from penstock.errors import ModelFailed, PredictionTimeout
from penstock.serving.engines.batcher import Batcher
from penstock.serving.engines.columns import Column
from penstock.serving.engines.lanes import MOST_LOST, Lanes
from penstock.serving.engines.probe import answers_alike
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
        lanes = Lanes(seconds=0.1)
        for _ in range(12):
            with pytest.raises(PredictionTimeout, match=r"0\.1 seconds"):
                await lanes.run(release.wait)
        assert 7 == await lanes.run(lambda: 7)
        release.set()
        lanes.close()

    asyncio.run(story())


def test_a_model_that_always_hangs_is_not_asked_any_more():
    """Threads are no endless supply; when calls end after all, it is asked again."""
    release = threading.Event()

    async def story():
        lanes = Lanes(seconds=0.02)
        hanging = [asyncio.create_task(lanes.run(release.wait)) for _ in range(2 * MOST_LOST)]
        await asyncio.gather(*hanging, return_exceptions=True)
        while lanes._lost < MOST_LOST:
            with pytest.raises(PredictionTimeout):
                await lanes.run(release.wait)
        with pytest.raises(PredictionTimeout, match="hang"):
            await lanes.run(lambda: 7)
        release.set()
        await until(lambda: lanes._lost == 0)
        assert 7 == await lanes.run(lambda: 7)
        lanes.close()

    asyncio.run(story())


def test_what_a_call_raises_reaches_who_asked():
    """Also what is no ordinary error."""

    def fail():
        raise KeyboardInterrupt

    async def story():
        lanes = Lanes(seconds=5)
        with pytest.raises(KeyboardInterrupt):
            await lanes.run(fail)
        lanes.close()

    asyncio.run(story())


def test_a_model_batches_if_each_row_is_answered_as_alone():
    """Found by a trial with made-up rows."""
    assert answers_alike(lambda rows: [row[0] + row[1] for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [row[0] + len(rows) * 1e-15 for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [float(row[2]) for row in rows], COLUMNS)
    assert not answers_alike(lambda rows: [row[0] for row in rows[:1]], COLUMNS)
