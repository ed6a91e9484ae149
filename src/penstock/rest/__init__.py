"""The client: a typed MLflow client that never imports MLflow.

The public names are imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.rest._api_call import mlflow_api_call as mlflow_api_call
    from penstock.rest._operations import RunOperations as RunOperations
    from penstock.rest.client import MlflowClient as MlflowClient
    from penstock.rest.writer.refused_item import RefusedItem as RefusedItem

_HOMES = {
    "MlflowClient": "penstock.rest.client",
    "RefusedItem": "penstock.rest.writer.refused_item",
    "RunOperations": "penstock.rest._operations",
    "mlflow_api_call": "penstock.rest._api_call",
}

__all__ = ["MlflowClient", "RefusedItem", "RunOperations", "mlflow_api_call"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
