"""Moments as databases return them. Pure."""

from datetime import UTC, datetime


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; some databases forget the zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
