"""How long the audit is kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from penstock.errors import DatabaseUnavailable
from penstock.gateway.db import audit
from penstock.gateway.db.database import Database

log = structlog.get_logger()

LOOK_SECONDS: Final = 3600.0

AT_ONCE: Final = 500
"""Rows of one transaction, so that others who write do not wait for long."""


class Retention:
    """Deletes what is older than the setting says; 0 days keep everything."""

    def __init__(self, database: Database, *, days: int) -> None:
        self._database = database
        self._days = days

    async def keep_deleting(self) -> None:
        """Delete until cancelled, at the start and then every hour."""
        while True:
            try:
                await asyncio.to_thread(self.delete_old)
            except DatabaseUnavailable as error:
                log.warning("old audit not deleted", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    def delete_old(self) -> int:
        """Delete what is too old now, and return how many rows. Raises DatabaseUnavailable."""
        if not self._days:
            return 0
        deleted, moment = 0, datetime.now(UTC) - timedelta(days=self._days)
        while True:
            with self._database.writing() as connection:
                count = audit.delete_older(connection, moment, most=AT_ONCE)
            deleted += count
            if count < AT_ONCE:
                return deleted
