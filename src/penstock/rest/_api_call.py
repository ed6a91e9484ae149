from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from penstock.rest._api import Api, concerns_registry
from penstock.rest._connection import resolve_connections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest._connection import Connection


def mlflow_api_call(
    endpoint: str, method: str = "GET", data: Mapping[str, Any] | None = None
) -> Any:  # noqa: ANN401 - JSON is any
    """Make any call of MLflow's API, e.g. `mlflow/experiments/create`, and return its JSON.

    Server and credentials come from the settings, read anew with each call; connections to the
    same server are kept. `data` becomes the query of a GET, HEAD or OPTIONS, and the JSON body of
    the others. Raises PenstockError for every failure.
    """
    tracking, registry = resolve_connections()
    connection = registry if concerns_registry(endpoint) else tracking
    return _api(connection).call(endpoint, method, data)


@lru_cache(maxsize=4)
def _api(connection: Connection) -> Api:
    return Api(connection)
