"""The agent: one object between an application and its MLflow server.

The public names are imported when first used.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

if TYPE_CHECKING:
    from penstock.agent.client import MLFlowClient as MLFlowClient
    from penstock.agent.client import MLFlowClientModelAgent as MLFlowClientModelAgent
    from penstock.agent.client import MLFlowClientModelLoader as MLFlowClientModelLoader
    from penstock.agent.client import ModelDownloader as ModelDownloader
    from penstock.agent.configuration import MLFlowConfiguration as MLFlowConfiguration
    from penstock.agent.mlflow_agent import MLFlowAgent as MLFlowAgent
    from penstock.agent.mlflow_agent import NullMLFlowAgent as NullMLFlowAgent
    from penstock.agent.registration import MLFlowModelRegistry as MLFlowModelRegistry
    from penstock.agent.singleton_meta import SingletonMeta as SingletonMeta
    from penstock.agent.tracking import MLFlowTracking as MLFlowTracking

_HOMES = {
    "MLFlowAgent": "penstock.agent.mlflow_agent",
    "NullMLFlowAgent": "penstock.agent.mlflow_agent",
    "MLFlowClient": "penstock.agent.client",
    "MLFlowClientModelAgent": "penstock.agent.client",
    "MLFlowClientModelLoader": "penstock.agent.client",
    "ModelDownloader": "penstock.agent.client",
    "MLFlowConfiguration": "penstock.agent.configuration",
    "MLFlowModelRegistry": "penstock.agent.registration",
    "MLFlowTracking": "penstock.agent.tracking",
    "SingletonMeta": "penstock.agent.singleton_meta",
}

__all__ = [
    "MLFlowAgent",
    "MLFlowClient",
    "MLFlowClientModelAgent",
    "MLFlowClientModelLoader",
    "MLFlowConfiguration",
    "MLFlowModelRegistry",
    "MLFlowTracking",
    "ModelDownloader",
    "NullMLFlowAgent",
    "SingletonMeta",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
