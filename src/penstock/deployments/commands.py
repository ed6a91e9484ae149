"""The command line that serves a model. Pure."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from penstock.deployments.spec import DeploymentSpec, Target

_PYTHON: Final = (sys.executable, "-P", "-m", "penstock")
"""`-P` keeps a folder named `penstock` in the working directory out of the way."""

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numeric libraries read; each takes all cores of the machine by itself."""

_NOT_FOR_MODELS: Final = ("PENSTOCK_", "VAULT_SERVICE_", "CONFIG_SERVICE_", "MLFLOW_TRACKING_")
"""Beginnings of names that a model's code must not see: secrets, and settings of others."""

_KEPT: Final = ("PENSTOCK_CACHE_", "PENSTOCK_SERVE_")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a service listens."""

    host: str
    port: int


ServeCommand = Callable[[DeploymentSpec, Target, Listening], tuple[str, ...]]
"""Returns the command line of a service whose model's URI means the same for ever."""


def serve_command(spec: DeploymentSpec, target: Target, listening: Listening) -> tuple[str, ...]:
    """Return the command line of `penstock serve` for a service on this machine, or on Ray."""
    where = (f"--host={listening.host}", f"--port={listening.port}")
    if target is Target.RAY:
        return (*_PYTHON, "serve", spec.model_uri, "--engine=ray", *where)
    return (*_PYTHON, "serve", spec.model_uri, *where, f"--workers={spec.min_replicas}")


def thread_variables(spec: DeploymentSpec) -> dict[str, str]:
    """Return the variables by which numeric libraries keep to the cores of a service."""
    return dict.fromkeys(_THREADS, str(spec.cores))


def serve_variables(spec: DeploymentSpec, target: Target) -> dict[str, str]:
    """Return the variables of a service on this machine, or with its models on Ray."""
    threads = thread_variables(spec)
    return {**threads, **_replicas(spec)} if target is Target.RAY else threads


def _replicas(spec: DeploymentSpec) -> dict[str, str]:
    return {
        # Each service has a port of its own, also where several are on one cluster.
        "PENSTOCK_SERVE_ROUTERS": "here",
        "PENSTOCK_SERVE_MIN_REPLICAS": str(spec.min_replicas),
        "PENSTOCK_SERVE_MAX_REPLICAS": str(spec.max_replicas),
        "PENSTOCK_SERVE_REPLICA_CPUS": str(spec.cores),
    }


def serve_environment(environ: Mapping[str, str], *, tracking_uri: str) -> dict[str, str]:
    """Return the environment of services: this one, without secrets, with MLflow's address."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith(_KEPT) or not name.startswith(_NOT_FOR_MODELS)
    }
    return {**kept, "MLFLOW_TRACKING_URI": tracking_uri}
