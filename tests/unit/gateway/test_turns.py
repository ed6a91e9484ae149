import asyncio

import pytest

from penstock.gateway.auth.turns import Turns

CROWD = 20


async def settled() -> None:
    """Let every task go on as far as it can."""
    for _ in range(3 * CROWD):
        await asyncio.sleep(0)


class Visitors:
    """Callers who say when it is their turn, and hold it until they are told to go."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.served: list[str] = []
        self.may_go = asyncio.Semaphore(0)

    def come(self, key: str) -> "asyncio.Task[None]":
        return asyncio.create_task(self._visit(key))

    async def _visit(self, key: str) -> None:
        async with self._turns.turn(key):
            self.served.append(key)
            await self.may_go.acquire()


def test_a_crowd_waits_for_itself_alone():
    """Who comes alone, after all of them, waits for one or two."""

    async def scenario() -> list[str]:
        visitors = Visitors(Turns(2))
        tasks = [visitors.come("crowd") for _ in range(CROWD)]
        await settled()
        tasks += [visitors.come("ann"), visitors.come("ben")]
        await settled()
        assert ["crowd"] * 2 == visitors.served
        for _ in tasks:
            visitors.may_go.release()
        await asyncio.gather(*tasks)
        return visitors.served

    served = asyncio.run(scenario())
    assert CROWD + 2 == len(served)
    assert {"ann", "ben"} <= set(served[2:6])


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_than_so_many_have_a_turn(at_once):
    """Also after some of them failed."""

    async def scenario() -> None:
        turns, under_way, most = Turns(at_once), 0, 0

        async def work(number: int) -> None:
            nonlocal under_way, most
            async with turns.turn(str(number % 4)):
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1
                if number % 3 == 0:
                    raise ValueError

        ended = await asyncio.gather(*map(work, range(CROWD)), return_exceptions=True)
        assert (at_once, CROWD) == (most, len(ended))

    asyncio.run(scenario())


def test_who_leaves_takes_no_turn():
    """Neither while they wait nor in the moment when they are called."""

    async def scenario() -> list[str]:
        visitors = Visitors(Turns(1))
        first, waiting, called, last = map(visitors.come, ("a", "b", "c", "d"))
        await settled()
        waiting.cancel()
        await settled()
        visitors.may_go.release()
        while not first.done():  # noqa: ASYNC110 - the very moment is what is tested
            await asyncio.sleep(0)
        called.cancel()
        await settled()
        assert called.cancelled()
        visitors.may_go.release()
        await last
        return visitors.served

    assert ["a", "d"] == asyncio.run(scenario())
