"""The gateway's side of rollouts: what reads plans, what changes them, and where both run."""

import asyncio
from dataclasses import dataclass
from typing import Final

from penstock.gateway.db.database import Database
from penstock.gateway.rollouts.ledger import Ledger
from penstock.gateway.rollouts.plan_reader import PlanReader
from penstock.gateway.rollouts.plan_writer import PlanWriter
from penstock.gateway.rollouts.protocol import Protocol
from penstock.gateway.rollouts.tracking import Tracking
from penstock.gateway.settings import GatewaySettings
from penstock.gateway.workers import Workers

GRACE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Lives as long as the app; the last three are what reader and writer work with."""

    reader: PlanReader
    writer: PlanWriter
    workers: Workers
    ledger: Ledger
    tracking: Tracking
    protocol: Protocol

    async def close(self) -> None:
        """End threads and connections; what is under way gets some seconds to come to its end."""
        ended = asyncio.create_task(asyncio.to_thread(self.workers.close))
        await asyncio.wait([ended], timeout=GRACE_SECONDS)
        # What still waits for MLflow is broken off: whoever comes next goes on with it.
        await asyncio.to_thread(self.tracking.close)
        await ended


def make_rollouts(settings: GatewaySettings, database: Database) -> Rollouts:
    """Return the rollouts of one gateway; MLflow is connected with the first call about one."""
    seconds = settings.upstream_seconds
    tracking = Tracking(
        settings.upstream_url, connect_seconds=settings.upstream_connect_seconds, seconds=seconds
    )
    ledger = Ledger(database)
    protocol = Protocol(ledger, tracking, seconds=seconds)
    reader = PlanReader(ledger, tracking, protocol)
    writer = PlanWriter(reader, tracking, protocol)
    return Rollouts(reader, writer, Workers("rollouts"), ledger, tracking, protocol)
