"""The address of the server that the agent's classes speak to."""

from __future__ import annotations

import sys
from typing import ClassVar

from penstock.agent.class_property import ClassProperty
from penstock.agent.singleton_meta import SingletonMeta
from penstock.config import load_config
from penstock.errors import ConfigurationError

SETTINGS = ("MLFLOW_TRACKING_URI", "MLFLOW_API_BASE_URL")


class MLFlowConfiguration(metaclass=SingletonMeta):
    """Where the server is: one value, of the class and of its instance.

    An address set here counts first, then what `mlflow.set_tracking_uri` got in this process, then
    `MLFLOW_TRACKING_URI` of the environment or of `.env`.
    """

    _uri: ClassVar[str | None] = None

    @classmethod
    def set_tracking_uri(cls, uri: str | None) -> None:
        """Set the address for all classes of the agent, now and later; None takes it back.

        Raises ConfigurationError for what is no text.
        """
        if not isinstance(uri, str | None):
            raise ConfigurationError(
                f"the tracking URI must be a text such as http://localhost:5000, not {uri!r}"
            )
        MLFlowConfiguration._uri = uri

    @ClassProperty
    def mlflow_connect_tracking_server_uri(cls) -> str:  # noqa: N805 - of the class
        """Return the address that counts now. Raises ConfigurationError where none is set."""
        found = MLFlowConfiguration._uri or _set_in_mlflow() or load_config().first(*SETTINGS)
        if found is None:
            raise ConfigurationError(
                "no MLflow server is named: call MLFlowConfiguration.set_tracking_uri(uri), or set "
                "MLFLOW_TRACKING_URI, e.g. to http://localhost:5000"
            )
        return found


def _set_in_mlflow() -> str | None:
    """Return what `mlflow.set_tracking_uri` got; mlflow itself is never imported here."""
    mlflow = sys.modules.get("mlflow")
    is_set = getattr(mlflow, "is_tracking_uri_set", None)
    get_uri = getattr(mlflow, "get_tracking_uri", None)
    # While another thread imports mlflow, its functions are missing, and it has been told nothing.
    if is_set is None or get_uri is None or not is_set():
        return None
    uri = str(get_uri())
    return uri if uri.startswith(("http://", "https://")) else None
