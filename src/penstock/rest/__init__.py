"""The client: a typed MLflow client that never imports MLflow.

The public names are imported when first used.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

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


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
