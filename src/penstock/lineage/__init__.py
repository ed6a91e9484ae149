"""Lineage: which data, code, experiment and run a model came from, and what is deployed.

The public names are imported when first used.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

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


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
