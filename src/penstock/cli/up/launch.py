"""From options to running servers: check first, then start, announce and watch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from penstock.cli import output
from penstock.cli.bucket_address import parse_bucket_address
from penstock.cli.exposure import LOOPBACK, warn_of_exposure
from penstock.cli.extras import require_mlflow, require_s3
from penstock.cli.settings import below_home, flag_setting, folder_setting, port_setting
from penstock.cli.up.administrator import find_administrator
from penstock.cli.up.folder import DataFolder
from penstock.cli.up.parts import gateway_part, mlflow_part
from penstock.cli.up.ports import held_port
from penstock.cli.up.readiness import Readiness
from penstock.cli.up.sentry import run_guarded
from penstock.cli.up.session import Session
from penstock.config import Config
from penstock.errors import SupervisionError
from penstock.gateway.aliases import ARTIFACT_STORE, name_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Launch:
    """What `penstock up` shall start, as asked for; a port of 0 is still to be chosen."""

    host: str
    port: int
    mlflow_port: int
    data: Path
    job_workers: bool
    artifacts: str = ""

    @classmethod
    def from_config(  # noqa: PLR0913 - one for each option
        cls,
        config: Config,
        *,
        host: str | None = None,
        port: int | None = None,
        mlflow_port: int | None = None,
        data: Path | None = None,
        job_workers: bool | None = None,
        artifacts: str | None = None,
    ) -> "Launch":
        """Take each value from its option, else from its setting, else the usual one."""
        return cls(
            host=_first(host, config.get("PENSTOCK_HOST", LOOPBACK)),
            port=_first(port, port_setting(config, "PENSTOCK_PORT", 8000)),
            mlflow_port=_first(mlflow_port, port_setting(config, "PENSTOCK_MLFLOW_PORT", 8080)),
            data=_first(
                data and below_home(data, "--data"),
                folder_setting(config, "PENSTOCK_DATA_DIR", "penstock-data"),
            ),
            job_workers=_first(
                job_workers, flag_setting(config, "PENSTOCK_JOB_WORKERS", default=False)
            ),
            artifacts=_artifacts(artifacts, config),
        )


def _artifacts(option: str | None, config: Config) -> str:
    """Return the address of the artifact store, checked; empty for a folder of this machine."""
    text, name = option or config.get(ARTIFACT_STORE, ""), "--artifacts"
    if not option:
        name = name_of(config, ARTIFACT_STORE)
    return text and str(parse_bucket_address(text, name))


def _first(option: T | None, setting: T) -> T:
    return setting if option is None else option


def launch(wanted: Launch, config: Config) -> int:
    """Check, start, and stay until asked to stop; return the command's exit code.

    Raises PenstockError for everything that can be known before a process is started.
    """
    if wanted.data == Path():
        raise SupervisionError("--data must name a folder of its own, not the one you are in")
    folder = DataFolder(wanted.data)
    folder.prepare()
    with folder.locked():
        session = _prepare(wanted, folder, config)
        _warn(wanted, config)
        return run_guarded(session.run)


def _prepare(wanted: Launch, folder: DataFolder, config: Config) -> Session:
    if wanted.port == wanted.mlflow_port != 0:
        raise SupervisionError(
            f"the gateway and MLflow cannot both have port {wanted.port}; "
            "choose another one with --port or --mlflow-port"
        )
    with (
        held_port(wanted.host, wanted.port, option="--port") as port,
        held_port(LOOPBACK, wanted.mlflow_port, option="--mlflow-port") as mlflow_port,
    ):
        administrator = find_administrator(config, folder)
    version = require_mlflow("up")
    if wanted.artifacts:
        require_s3("up")
    readiness = Readiness(wanted.host, port, mlflow_port, administrator)
    return Session(
        folder=folder,
        mlflow=mlflow_part(
            folder,
            port=mlflow_port,
            version=version,
            job_workers=wanted.job_workers,
            artifacts=wanted.artifacts,
        ),
        gateway=gateway_part(folder, readiness),
        readiness=readiness,
    )


def _warn(wanted: Launch, config: Config) -> None:
    warn_of_exposure(wanted.host)
    for name in ("PENSTOCK_DATABASE_URL", "PENSTOCK_UPSTREAM_URL"):
        if name in config:
            output.warn(
                f"{name} ({config.source(name)}) does not count here: `penstock up` runs its own "
                "MLflow and database; use `penstock gateway` for those of your own"
            )
