"""Slow down those who guess."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Final

from penstock.errors import AccessRefused
from penstock.gateway.auth.account_name import MAX_LENGTH

WINDOW_SECONDS: Final = 300.0
MOST_FAILURES: Final = 10
"""For one account from one address; then nobody proves that account from there for a while."""

MOST_OF_ADDRESS: Final = 300
"""From one address; then each wrong proof from there is answered late."""

LATE_SECONDS: Final = 2.0
MAX_ENTRIES: Final = 50_000

IPV6_PREFIX_BITS: Final = 64
"""What one subscriber has of IPv6: whoever guesses has all addresses of it."""

Key = tuple[str, str]


class Throttle:
    """Counts failures of the last five minutes, in this process.

    Only wrong proofs count, and a pair of account and address is stopped alone: nobody can lock
    somebody else out from another address, nor another account from the same one. Used by one
    event loop.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pairs = _Failures(MOST_FAILURES, clock)
        self._addresses = _Failures(MOST_OF_ADDRESS, clock)

    @contextmanager
    def attempt(self, account: str, address: str) -> Iterator[Callable[[], None]]:
        """Give the function to call once the proof is right; without the call it was wrong.

        `account` is the name as names compare. Attempts under way count as wrong ones, so that many
        at once are no way around. Raises AccessRefused (429) for a pair that has to wait.
        """
        # Nobody has a longer name: what is sent for one must not fill the memory.
        pair = (account[: MAX_LENGTH + 1], _network(address))
        wait = self._pairs.wait(pair)
        if wait > 0:
            raise _too_many(account, wait)
        moment = self._pairs.add(pair)
        is_right = False

        def succeed() -> None:
            nonlocal is_right
            is_right = True

        try:
            yield succeed
        except BaseException:
            self._pairs.remove(pair, moment)  # neither right nor wrong: it could not be found out
            raise
        if is_right:
            self._pairs.forget(pair)
        else:
            self.fail(address)

    def fail(self, address: str) -> None:
        """Count a wrong proof that names no account."""
        self._addresses.add(("", _network(address)))

    def delay(self, address: str) -> float:
        """Return how many seconds a wrong proof from an address has to wait for its answer."""
        return LATE_SECONDS if self._addresses.wait(("", _network(address))) > 0 else 0.0


class _Failures:
    """The latest moments of failure by key, at most so many as count."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._moments: OrderedDict[Key, deque[float]] = OrderedDict()

    def wait(self, key: Key) -> float:
        """Return the seconds until the next attempt is free; 0 for at once."""
        moments = self._moments.get(key)
        if moments is None or len(moments) < self._most:
            return 0.0
        return max(0.0, moments[0] + WINDOW_SECONDS - self._clock())

    def add(self, key: Key) -> float:
        moment = self._clock()
        moments = self._moments.setdefault(key, deque(maxlen=self._most))
        moments.append(moment)
        self._moments.move_to_end(key)
        if len(self._moments) > MAX_ENTRIES:
            self._moments.popitem(last=False)
        return moment

    def remove(self, key: Key, moment: float) -> None:
        moments = self._moments.get(key)
        if moments is not None and moment in moments:
            moments.remove(moment)

    def forget(self, key: Key) -> None:
        self._moments.pop(key, None)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> (128 - IPV6_PREFIX_BITS):x}::/{IPV6_PREFIX_BITS}"
    return address


def _too_many(account: str, wait: float) -> AccessRefused:
    seconds = math.ceil(wait)
    return AccessRefused(
        429,
        "REQUEST_LIMIT_EXCEEDED",
        f"too many wrong passwords for this account from this address; wait {seconds} seconds",
        headers={"Retry-After": str(seconds)},
        target=f"account:{account}",
    )
