"""What a provider publishes is fetched seldom, and missed late."""

import asyncio

import pytest

from penstock.errors import ProviderUnavailable
from penstock.gateway.oidc.kept import AGAIN_SECONDS, FRESH_SECONDS, STALE_SECONDS, Kept

CALLERS = 20


class Source:
    """Gives the number of the fetch, unless it is down."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.fetches = 0
        self.down = False

    async def fetch(self) -> int:
        self.fetches += 1
        await asyncio.sleep(0)
        if self.down:
            raise ProviderUnavailable("down")
        return self.fetches


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept(source) -> Kept[int]:
    return Kept(source.fetch, clock=lambda: source.now)


def get(kept: Kept[int]) -> int:
    return asyncio.run(kept.get())


def get_newest(kept: Kept[int]) -> int:
    return asyncio.run(kept.get_newest())


def test_it_is_fetched_once_for_some_minutes(source, kept):
    """And then anew."""
    assert (1, 1) == (get(kept), get(kept))
    source.now += FRESH_SECONDS - 1
    assert 1 == get(kept)
    source.now += 1
    assert 2 == get(kept)


def test_those_who_need_it_at_once_share_one_fetch(kept):
    """A gateway that starts under load asks its provider once."""

    async def scenario() -> list[int]:
        return await asyncio.gather(*(kept.get() for _ in range(CALLERS)))

    assert [1] * CALLERS == asyncio.run(scenario())


def test_something_new_is_fetched_seldom(source, kept):
    """Unknown keys can be had for nothing; what they cost the provider is bounded."""
    assert (1, 1) == (get(kept), get_newest(kept))
    source.now += AGAIN_SECONDS
    assert (2, 2, 2) == (get_newest(kept), get_newest(kept), get(kept))


def test_it_counts_for_a_while_where_the_provider_does_not_answer(source, kept):
    """A provider that starts anew does not stop all programs; one that is gone does."""
    assert 1 == get(kept)
    source.down = True
    source.now += STALE_SECONDS - 1
    assert 1 == get(kept)
    source.now += 1
    with pytest.raises(ProviderUnavailable):
        get(kept)


def test_something_new_cannot_be_old(source, kept):
    """Whether a key is unknown cannot be said without the provider."""
    assert 1 == get(kept)
    source.down = True
    source.now += AGAIN_SECONDS
    with pytest.raises(ProviderUnavailable):
        get_newest(kept)
    assert 1 == get(kept)


def test_a_provider_that_does_not_answer_is_left_alone_for_a_while(source, kept):
    """Callers are refused at once meanwhile, and served as soon as it is back."""
    source.down = True
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="down"):
            get(kept)
        with pytest.raises(ProviderUnavailable, match="down"):
            get_newest(kept)
    assert 1 == source.fetches
    source.down = False
    source.now += AGAIN_SECONDS
    assert 2 == get(kept)


def test_who_does_not_wait_to_the_end_leaves_no_riddle(kept):
    """Whoever comes next is told what is the matter."""

    async def leave() -> None:
        task = asyncio.create_task(kept.get())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    with pytest.raises(ProviderUnavailable, match="to the end"):
        get(kept)
