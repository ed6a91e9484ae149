"""Lineage: which data, code, experiment and run a model came from, and what is deployed.

The public names are imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.lineage.base import BaseMetadataTracker as BaseMetadataTracker
    from penstock.lineage.catalog import LineageCatalog as LineageCatalog
    from penstock.lineage.graph import LineageGraph as LineageGraph
    from penstock.lineage.resource import Resource as Resource
    from penstock.lineage.tracker import MLFlowMetadataTracker as MLFlowMetadataTracker

_HOMES = {
    "BaseMetadataTracker": "penstock.lineage.base",
    "LineageCatalog": "penstock.lineage.catalog",
    "LineageGraph": "penstock.lineage.graph",
    "MLFlowMetadataTracker": "penstock.lineage.tracker",
    "Resource": "penstock.lineage.resource",
}

__all__ = [
    "BaseMetadataTracker",
    "LineageCatalog",
    "LineageGraph",
    "MLFlowMetadataTracker",
    "Resource",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
