"""The gateway's side of deployments: the desk, and where it works."""

import asyncio
import os
from dataclasses import dataclass
from typing import Final

import structlog

from penstock.deployments.commands import ServeCommand, serve_environment
from penstock.deployments.targets.local import LocalTarget
from penstock.deployments.targets.ports import parse_ports
from penstock.errors import PenstockError
from penstock.gateway.db.database import Database
from penstock.gateway.deployments.desk import Desk
from penstock.gateway.deployments.register import Register
from penstock.gateway.mlflow_link import MlflowLink
from penstock.gateway.settings import GatewaySettings
from penstock.gateway.workers import Workers

log = structlog.get_logger()

FOLDER: Final = "deployments"
SOON_SECONDS: Final = 0.5
SELDOM_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Deployments:
    """Lives as long as the app."""

    desk: Desk
    workers: Workers
    mlflow: MlflowLink

    async def keep_running(self) -> None:
        """Bring back what shall run, and note what has become of it, until cancelled."""
        while True:
            is_starting = False
            try:
                is_starting = await asyncio.to_thread(self.desk.settle)
            except PenstockError as error:
                log.warning("services not looked after", reason=str(error))
            await asyncio.sleep(SOON_SECONDS if is_starting else SELDOM_SECONDS)

    async def close(self) -> None:
        """End all services and threads; the next gateway on this data folder brings them back."""
        await asyncio.to_thread(self.desk.services.close)
        await asyncio.to_thread(self.mlflow.close)
        await asyncio.to_thread(self.workers.close)


def make_deployments(
    settings: GatewaySettings, database: Database, *, command: ServeCommand
) -> Deployments:
    """Return the deployments of one gateway; nothing is touched before somebody deploys."""
    services = LocalTarget(
        settings.data_dir / FOLDER,
        host=settings.deploy_host,
        ports=parse_ports(settings.deploy_ports),
        environment=serve_environment(os.environ, tracking_uri=settings.upstream_url),
        command=command,
    )
    mlflow = MlflowLink(
        settings.upstream_url,
        connect_seconds=settings.upstream_connect_seconds,
        seconds=settings.upstream_seconds,
    )
    return Deployments(Desk(Register(database), services, mlflow), Workers("deployments"), mlflow)
