"""Something that a provider publishes, kept for some minutes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from penstock.errors import ProviderUnavailable

T = TypeVar("T")

FRESH_SECONDS: Final = 300.0
"""How long it counts without being fetched anew."""

STALE_SECONDS: Final = 3600.0
"""How long it counts while the provider does not answer."""

AGAIN_SECONDS: Final = 5.0
"""How long a provider is left alone after each fetch, whether it answered or not."""


class Kept(Generic[T]):
    """One document of one provider. Callers who need it at once share one fetch.

    Both methods raise ProviderUnavailable.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[T]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._fetched = -STALE_SECONDS
        self._tried = -AGAIN_SECONDS
        self._failure: ProviderUnavailable | None = None

    async def get(self) -> T:
        """Return it as it was some minutes ago at most; longer only while nobody answers."""
        if (value := self._younger_than(FRESH_SECONDS)) is not None:
            return value
        async with self._lock:
            if (value := self._younger_than(FRESH_SECONDS)) is not None:
                return value
            await self._try()
            if (value := self._younger_than(STALE_SECONDS)) is not None:
                return value
            raise self._unavailable()

    async def get_newest(self) -> T:
        """Return it as it is now, or was AGAIN_SECONDS ago."""
        async with self._lock:
            await self._try()
            if self._failure is None and self._value is not None:
                return self._value
            raise self._unavailable()

    async def _try(self) -> None:
        now = self._clock()
        if now - self._tried < AGAIN_SECONDS:
            return
        self._tried = now
        self._failure = ProviderUnavailable("the identity provider has not been heard to the end")
        try:
            self._value = await self._fetch()
        except ProviderUnavailable as error:
            self._failure = error
        else:
            self._failure, self._fetched = None, now

    def _younger_than(self, seconds: float) -> T | None:
        return self._value if self._clock() - self._fetched < seconds else None

    def _unavailable(self) -> ProviderUnavailable:
        # A new one each time: a raised error collects the frames that it passes.
        return ProviderUnavailable(str(self._failure))
