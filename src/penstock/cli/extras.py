"""Say which extra to install when a command needs more than the client."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from penstock.errors import ConfigurationError

_SERVER: Final = ("fastapi", "uvicorn", "sqlalchemy", "alembic", "psutil")
_SERVING: Final = ("mlflow", "pandas", "prometheus-client", "uvicorn")


def require_server(command: str) -> None:
    """Raise ConfigurationError if the gateway's packages are not installed."""
    missing = [name for name in _SERVER if find_version(name) is None]
    if missing:
        raise ConfigurationError(
            f"`penstock {command}` needs {', '.join(missing)}; "
            "install what is missing: pip install 'penstock[server]'"
        )


def require_serving(command: str) -> None:
    """Raise ConfigurationError if the packages of the inference server are not installed."""
    missing = [name for name in _SERVING if find_version(name) is None]
    if missing:
        raise ConfigurationError(
            f"`penstock {command}` needs {', '.join(missing)}; "
            "install what is missing: pip install 'penstock[serving]'"
        )


def require_ray(command: str) -> None:
    """Raise ConfigurationError if Ray is not installed."""
    if find_version("ray") is None:
        raise ConfigurationError(
            f"`penstock {command}` needs ray; install it: pip install 'penstock[ray]'"
        )


def require_mlflow(command: str) -> str:
    """Return the version of the installed MLflow server, or raise ConfigurationError."""
    # The distribution counts, not the module: mlflow-skinny has the module, but no server.
    found = find_version("mlflow")
    if found is None:
        raise ConfigurationError(
            f"`penstock {command}` starts an MLflow server, but mlflow is not installed; "
            "install it: pip install 'penstock[mlflow]'"
        )
    return found


def require_s3(command: str) -> None:
    """Raise ConfigurationError if the library for S3 is not installed."""
    if find_version("boto3") is None:
        raise ConfigurationError(
            f"`penstock {command}` needs boto3 for a store in S3; "
            "install it: pip install 'penstock[s3]'"
        )


def find_version(distribution: str) -> str | None:
    """Return the version of an installed distribution without importing it, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
