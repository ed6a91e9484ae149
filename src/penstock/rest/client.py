from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest._api import Api, concerns_registry
from penstock.rest._artifacts import Artifacts
from penstock.rest._connection import Connections, Timeout, Verify, resolve_connections
from penstock.rest._experiments import Experiments
from penstock.rest._logged_model_labels import LoggedModelLabels
from penstock.rest._logged_models import LoggedModels
from penstock.rest._metrics import Metrics
from penstock.rest._model_aliases import ModelAliases
from penstock.rest._model_artifacts import ModelArtifacts
from penstock.rest._model_copies import ModelCopies
from penstock.rest._model_files import ModelFiles
from penstock.rest._model_registration import ModelRegistration
from penstock.rest._model_tags import ModelTags
from penstock.rest._model_versions import ModelVersions
from penstock.rest._pictures import Pictures
from penstock.rest._registered_models import RegisteredModels
from penstock.rest._run_inputs import RunInputs
from penstock.rest._run_logging import RunLogging
from penstock.rest._runs import Runs
from penstock.rest._tables import Tables
from penstock.rest._writing import FLUSH_TIMEOUT, QUEUE_SIZE, Spool, Writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from penstock.rest.writer.refused_item import RefusedItem


class MlflowClient(
    Experiments,
    Tables,
    Pictures,
    Artifacts,
    ModelArtifacts,
    Runs,
    RunLogging,
    RunInputs,
    Metrics,
    ModelCopies,
    ModelFiles,
    RegisteredModels,
    ModelRegistration,
    ModelVersions,
    ModelAliases,
    ModelTags,
    LoggedModelLabels,
    LoggedModels,
):
    """A client with the methods of `mlflow.MlflowClient` that never imports MLflow.

    Connects with the first call. Safe for use from several threads, and in the children of a
    fork. Close it, or use it in a `with` statement; every error it raises is a PenstockError.

    Without arguments it reads MLFLOW_TRACKING_URI, MLFLOW_REGISTRY_URI and MLflow's credentials
    from the environment and from `.env`. `timeout` is in seconds, for each part of an answer or as
    a pair (connect, read); `verify` is False, or a file of certificates; `retries` is how often a
    call that broke off or was put off is repeated.

    What is logged with `synchronous=False` waits in a queue of at most `queue_size` items, and
    with `spool`, the name of a folder, also there, until the server has it. `flush_timeout` is
    for how many seconds `flush`, `close` and the end of the process wait for a server that takes
    nothing.
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
        spool: Spool = None,
        flush_timeout: float = FLUSH_TIMEOUT,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        connections = resolve_connections(
            tracking_uri,
            registry_uri,
            username=username,
            password=password,
            token=token,
            timeout=timeout,
            verify=verify,
            retries=retries,
        )
        self._use(connections, spool=spool, flush_timeout=flush_timeout, queue_size=queue_size)

    def _use(
        self,
        connections: Connections,
        *,
        spool: Spool = None,
        flush_timeout: float = FLUSH_TIMEOUT,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        tracking, registry = connections
        self._tracking = Api(tracking)
        self._registry = self._tracking if registry == tracking else Api(registry)
        self._writing = Writing(
            tracking, spool=spool, flush_timeout=flush_timeout, queue_size=queue_size
        )

    @property
    def tracking_uri(self) -> str:
        """Return the address of the server that tracks runs, without credentials."""
        return self._tracking.connection.base_url

    @property
    def registry_uri(self) -> str:
        """Return the address of the server that registers models, without credentials."""
        return self._registry.connection.base_url

    @property
    def failures(self) -> list[RefusedItem]:
        """Return the last 1,000 items logged in the background that the server refused."""
        return self._writing.refused

    def flush(self) -> None:
        """Return when the server has all that was logged in the background so far.

        Raises Unsent when it takes nothing for `flush_timeout` seconds. What it refuses is not
        waited for: `failures` lists it.
        """
        self._writing.flush()
        self._flush_artifacts()

    def mlflow_api_call(
        self, endpoint: str, method: str = "GET", data: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON is any
        """Make any call of MLflow's API, e.g. `mlflow/experiments/create`, and return its JSON.

        `data` becomes the query of a GET, HEAD or OPTIONS, and the JSON body of the others.
        """
        api = self._registry if concerns_registry(endpoint) else self._tracking
        return api.call(endpoint, method, data)

    def close(self) -> None:
        """Send what is still to be sent, then end all connections; later calls are refused.

        Waits for a server that takes nothing for `flush_timeout` seconds, then logs how many items
        are lost, or stay in the spool.
        """
        self._close_artifacts()
        self._writing.close()
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
