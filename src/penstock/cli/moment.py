"""Moments as people write them."""

from datetime import UTC, datetime, timedelta

from penstock.cli.duration import parse_duration
from penstock.errors import ConfigurationError


def parse_moment(text: str, now: datetime) -> datetime:
    """Return the moment of `2026-01-31`, `2026-01-31T12:00Z`, or so long ago as `2d` or `90m`.

    Without a zone it is in UTC. Raises ConfigurationError.
    """
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # such as of the year 1, east of Greenwich
        return _ago(text, now)


def _ago(text: str, now: datetime) -> datetime:
    try:
        return now - timedelta(seconds=parse_duration(text))
    except (ConfigurationError, OverflowError):
        raise ConfigurationError(
            f"'{text}' is neither a moment such as 2026-01-31T12:00Z nor a time such as 2d or 90m"
        ) from None
