"""Moments as they are stored: in UTC, also where the database forgets the zone."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """A moment with a zone. MySQL keeps microseconds where they are asked for."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def __init__(self, *, is_precise: bool = True) -> None:
        super().__init__()
        self.is_precise = is_precise

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of a column in a kind of database."""
        if dialect.name == "mysql" and self.is_precise:
            from sqlalchemy.dialects.mysql import DATETIME  # noqa: PLC0415 - loaded with its dialect

            return dialect.type_descriptor(DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Return a moment as the database is given it."""
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        """Return a moment as the database gave it."""
        return None if value is None else in_utc(value)


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
