import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from penstock.errors import (
    ConnectTimeout,
    IncompleteResponse,
    MlflowException,
    ServerUnreachable,
    TransportError,
)
from penstock.rest._request import Request

REPEATED_STATUSES = {429, 502, 503, 504}


class RetryPolicy(NamedTuple):
    """How often a call is repeated, and how long before each time; seconds."""

    retries: int = 5
    first_pause: float = 0.2
    longest_pause: float = 8.0
    longest_wait: float = 60.0

    def pause(self, attempt: int, *, retry_after: float | None, chance: float) -> float | None:
        """Return how long to pause after the failed attempt of this number, or None to stop.

        Attempts count from 0. The pause doubles each time, and `chance` (0 to 1) spreads it over
        its upper half, so that many clients do not come back at once. What the server asks for is
        obeyed up to `longest_wait`; a longer wait is the caller's to decide.
        """
        if attempt >= self.retries:
            return None
        if retry_after is not None:
            wait = retry_after + chance * self.first_pause
            return wait if retry_after <= self.longest_wait else None
        step = min(self.longest_pause, self.first_pause * 2**attempt)
        return float(step * (0.5 + chance / 2))


def may_repeat(error: MlflowException, request: Request) -> bool:
    """Tell whether a request may be sent again after this error.

    Where no connection came about nothing was sent, and any request may.
    """
    if isinstance(error, ServerUnreachable | ConnectTimeout):
        return True
    if not request.is_repeatable:
        return False
    if isinstance(error, TransportError):
        return isinstance(error, IncompleteResponse)
    return error.get_http_status_code() in REPEATED_STATUSES


def parse_retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds of a `Retry-After` header, a number or a date; None if it has neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def draw_chance() -> float:
    """Return a random number from 0 to 1."""
    return int.from_bytes(os.urandom(2)) / 0xFFFF
