"""Calls that are counted by the minute rather than listed. Pure."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Final

from penstock.gateway.db.audit_record import CountedCall

MAX_KEYS: Final = 2_000
"""Different calls of one minute; the ones after that are counted together."""

OTHERS: Final = "(others)"


class Counts:
    """How often each call was made since the counts were taken last."""

    def __init__(self) -> None:
        self._counts: Counter[CountedCall] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, call: CountedCall, times: int = 1) -> None:
        """Count a call; beyond a bound only its actor and result are told from others."""
        if call not in self._counts and len(self._counts) >= MAX_KEYS:
            call = replace(call, action=OTHERS, target=OTHERS)
        self._counts[call] += times

    def take(self) -> Counter[CountedCall]:
        """Return the counts and begin anew."""
        taken, self._counts = self._counts, Counter()
        return taken


def minute_of(moment: datetime) -> datetime:
    """Return the beginning of the minute of a moment."""
    return moment.replace(second=0, microsecond=0)
