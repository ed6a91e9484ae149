"""Penstock takes MLflow into production.

The public names are imported when first used, so that `import penstock` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.agent import MLFlowAgent as MLFlowAgent
    from penstock.agent import MLFlowClientModelAgent as MLFlowClientModelAgent
    from penstock.agent import MLFlowClientModelLoader as MLFlowClientModelLoader
    from penstock.errors import MlflowException as MlflowException
    from penstock.errors import PenstockError as PenstockError
    from penstock.lineage import MLFlowMetadataTracker as MLFlowMetadataTracker
    from penstock.models import ModelManager as ModelManager
    from penstock.rest import MlflowClient as MlflowClient
    from penstock.rollout import ModelStatus as ModelStatus

__version__ = "0.1.0"

_HOMES = {
    "MLFlowAgent": "penstock.agent",
    "MLFlowClientModelAgent": "penstock.agent",
    "MLFlowClientModelLoader": "penstock.agent",
    "MLFlowMetadataTracker": "penstock.lineage",
    "MlflowClient": "penstock.rest",
    "MlflowException": "penstock.errors",
    "ModelManager": "penstock.models",
    "ModelStatus": "penstock.rollout",
    "PenstockError": "penstock.errors",
}

__all__ = [
    "MLFlowAgent",
    "MLFlowClientModelAgent",
    "MLFlowClientModelLoader",
    "MLFlowMetadataTracker",
    "MlflowClient",
    "MlflowException",
    "ModelManager",
    "ModelStatus",
    "PenstockError",
    "__version__",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'penstock' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
