import logging
import threading
import time
from typing import Final

from penstock.errors import MlflowException, PenstockError
from penstock.rest._retries import RetryPolicy, draw_chance, parse_retry_after

POLICY: Final = RetryPolicy(retries=1 << 30, longest_wait=float("inf"))
MOST_DOUBLINGS: Final = 8
REMINDER_SECONDS: Final = 60.0
LONGEST_WAIT: Final = 3600.0
"""The system cannot wait for ever at one go."""


class GaveUp(Exception):
    """Nobody waits any longer for a server that takes nothing."""


class Patience:
    """Waits between attempts, until a server answers or nobody wants to wait any longer.

    `limit` is how many seconds it waits for a server that takes nothing; None is for ever.
    """

    def __init__(self, *, limit: float | None = None) -> None:
        self.heard_at = time.monotonic()
        self.problem: PenstockError | None = None
        self._limit = limit
        self._is_stopped = False
        self._call = threading.Event()
        self._warned_at: float | None = None

    def hear(self) -> None:
        """Note that the server has answered, and not put off what it was asked."""
        self.heard_at = time.monotonic()
        self.problem = None
        if self._warned_at is not None:
            self._warned_at = None
            _logger().warning("the server takes what is logged again")

    def pause(self, error: PenstockError, attempt: int) -> None:
        """Wait before the next attempt. Raises GaveUp when there is to be none.

        Attempts count from 0. What the server asks for is obeyed; another pause ends early when
        somebody begins to wait for the outcome.
        """
        self.problem = error
        wanted = (
            parse_retry_after(error.retry_after) if isinstance(error, MlflowException) else None
        )
        seconds = POLICY.pause(
            min(attempt, MOST_DOUBLINGS), retry_after=wanted, chance=draw_chance()
        )
        end = time.monotonic() + (seconds or 0.0)
        self._check(end)
        self._warn(error)
        self._call.clear()
        while not self._is_stopped and (left := end - time.monotonic()) > 0:
            if self._call.wait(min(left, LONGEST_WAIT)):
                self._call.clear()
                if wanted is None:
                    break
        self._check(time.monotonic())

    def hurry(self) -> None:
        """End a pause early that the server has not asked for."""
        self._call.set()

    def stop(self) -> None:
        """End all pauses, and have no more of them."""
        self._is_stopped = True
        self._call.set()

    def _check(self, moment: float) -> None:
        if self._is_stopped:
            raise GaveUp
        if self._limit is not None and moment > self.heard_at + self._limit:
            raise GaveUp

    def _warn(self, error: PenstockError) -> None:
        now = time.monotonic()
        if self._warned_at is None or now >= self._warned_at + REMINDER_SECONDS:
            self._warned_at = now
            _logger().warning("%s; what is logged waits, and is sent again and again", error)


def _logger() -> "logging.Logger":
    return logging.getLogger("penstock.rest")
