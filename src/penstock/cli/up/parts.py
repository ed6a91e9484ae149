"""How MLflow and the gateway are started."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from penstock.cli.exposure import LOOPBACK
from penstock.cli.up.folder import DataFolder
from penstock.cli.up.part import Part
from penstock.cli.up.readiness import Readiness

# `-P` keeps a folder named `mlflow` or `penstock` in the working directory out of the way.
_PYTHON: Final = (sys.executable, "-P", "-m")

_NOT_FOR_MLFLOW: Final = ("PENSTOCK_", "VAULT_SERVICE_", "MLFLOW_TRACKING_", "MLFLOW_AUTH_")
"""Beginnings of names that MLflow must not see: our secrets, and a client's settings."""

_DECIDED_HERE: Final = frozenset(
    {
        "MLFLOW_ALLOWED_HOSTS",
        "MLFLOW_ARTIFACTS_DESTINATION",
        "MLFLOW_ARTIFACTS_ONLY",
        "MLFLOW_BACKEND_STORE_URI",
        "MLFLOW_CORS_ALLOWED_ORIGINS",
        "MLFLOW_DEFAULT_ARTIFACT_ROOT",
        "MLFLOW_ENABLE_WORKSPACES",
        "MLFLOW_GUNICORN_OPTS",
        "MLFLOW_REGISTRY_STORE_URI",
        "MLFLOW_REGISTRY_URI",
        "MLFLOW_SERVER_ALLOWED_HOSTS",
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS",
        "MLFLOW_STATIC_PREFIX",
        "MLFLOW_UVICORN_OPTS",
        "MLFLOW_WORKSPACE",
        "MLFLOW_WORKSPACE_STORE_URI",
    }
)
"""Names that would give MLflow another shape than the one that the gateway stands before."""


def mlflow_part(
    folder: DataFolder, *, port: int, version: str, job_workers: bool, artifacts: str = ""
) -> Part:
    """Return a stock MLflow server on SQLite, for this machine alone.

    `artifacts` is the address of its artifact store; without one, that is a local folder.
    """
    return Part(
        name=f"MLflow {version}",
        command=(
            *_PYTHON,
            "mlflow",
            "server",
            f"--host={LOOPBACK}",
            f"--port={port}",
            f"--backend-store-uri={folder.mlflow_database_url}",
            "--serve-artifacts",
            f"--artifacts-destination={artifacts or folder.artifacts}",
            "--workers=1",
        ),
        environment=mlflow_environment(os.environ, job_workers=job_workers),
        folder=folder.path,
        log=folder.logs / "mlflow.log",
    )


def mlflow_environment(environ: Mapping[str, str], *, job_workers: bool) -> dict[str, str]:
    """Return the environment of the MLflow server: this one without secrets and reshaping."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(_NOT_FOR_MLFLOW) and name not in _DECIDED_HERE
    }
    # Job workers start processes that outlive MLflow's own process group.
    kept["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "true" if job_workers else "false"
    return {"MLFLOW_DISABLE_TELEMETRY": "true", **kept}


def gateway_part(folder: DataFolder, servers: Readiness) -> Part:
    """Return the gateway in front of that MLflow server, with its database in the folder."""
    administrator = servers.administrator
    environment = {
        **os.environ,
        "PENSTOCK_UPSTREAM_URL": f"http://{LOOPBACK}:{servers.mlflow_port}",
        "PENSTOCK_DATABASE_URL": folder.gateway_database_url,
        "PENSTOCK_DATA_DIR": str(folder.path),
        "PENSTOCK_ADMIN_USERNAME": administrator.username,
    }
    if administrator.password is not None:
        environment["PENSTOCK_ADMIN_PASSWORD"] = administrator.password
    return Part(
        name="the gateway",
        command=(
            *_PYTHON,
            "penstock",
            "gateway",
            f"--host={servers.gateway_host}",
            f"--port={servers.gateway_port}",
        ),
        environment=environment,
        # Where `.env` and `penstock.toml` lie.
        folder=Path.cwd(),
        log=folder.logs / "gateway.log",
    )
