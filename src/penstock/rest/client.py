from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest._api import Api, concerns_registry
from penstock.rest._artifacts import Artifacts
from penstock.rest._connection import Timeout, Verify, resolve_connections
from penstock.rest._experiments import Experiments
from penstock.rest._logged_models import LoggedModels
from penstock.rest._metrics import Metrics
from penstock.rest._model_files import ModelFiles
from penstock.rest._model_versions import ModelVersions
from penstock.rest._registered_models import RegisteredModels
from penstock.rest._run_logging import RunLogging
from penstock.rest._runs import Runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self


class MlflowClient(
    Experiments,
    Runs,
    RunLogging,
    Metrics,
    Artifacts,
    ModelFiles,
    RegisteredModels,
    ModelVersions,
    LoggedModels,
):
    """A client with the methods of `mlflow.MlflowClient` that never imports MLflow.

    Connects with the first call. Safe for use from several threads, and in the children of a
    fork. Close it, or use it in a `with` statement; every error it raises is a PenstockError.

    Without arguments it reads MLFLOW_TRACKING_URI, MLFLOW_REGISTRY_URI and MLflow's credentials
    from the environment and from `.env`. `timeout` is in seconds, for each part of an answer or as
    a pair (connect, read); `verify` is False, or a file of certificates; `retries` is how often a
    call that broke off or was put off is repeated.
    """

    def __init__(  # noqa: PLR0913 - all but the first two by keyword
        self,
        tracking_uri: str | None = None,
        registry_uri: str | None = None,
        *,
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        timeout: Timeout = None,
        verify: Verify = None,
        retries: int | None = None,
    ) -> None:
        tracking, registry = resolve_connections(
            tracking_uri,
            registry_uri,
            username=username,
            password=password,
            token=token,
            timeout=timeout,
            verify=verify,
            retries=retries,
        )
        self._tracking = Api(tracking)
        self._registry = self._tracking if registry == tracking else Api(registry)

    @property
    def tracking_uri(self) -> str:
        """Return the address of the server that tracks runs, without credentials."""
        return self._tracking.connection.base_url

    @property
    def registry_uri(self) -> str:
        """Return the address of the server that registers models, without credentials."""
        return self._registry.connection.base_url

    def mlflow_api_call(
        self, endpoint: str, method: str = "GET", data: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON is any
        """Make any call of MLflow's API, e.g. `mlflow/experiments/create`, and return its JSON.

        `data` becomes the query of a GET, HEAD or OPTIONS, and the JSON body of the others.
        """
        api = self._registry if concerns_registry(endpoint) else self._tracking
        return api.call(endpoint, method, data)

    def close(self) -> None:
        """End all connections; later calls are refused."""
        self._tracking.close()
        self._registry.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        registry = "" if self._registry is self._tracking else f", '{self.registry_uri}'"
        return f"MlflowClient('{self.tracking_uri}'{registry})"
