"""Moments as callers write them. Pure."""

from datetime import UTC, datetime

from penstock.gateway.api.parameters import bad_request

MOST_DIGITS = 15
"""Of milliseconds: some thirty thousand years."""


def read_instant(name: str, text: str) -> int:
    """Return a moment of ISO 8601, or of milliseconds since 1970, in the latter.

    Raises RequestRefused (400), naming the argument.
    """
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    try:
        # An unescaped `+` of an offset arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise bad_request(
            f"{name} must be a moment such as 2026-01-31T12:00:00Z, or milliseconds since 1970"
        ) from None
