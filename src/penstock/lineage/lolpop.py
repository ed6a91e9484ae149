"""The tracker as a component of the framework lolpop, which is imported here alone.

A class of this name that stands in an extension folder of lolpop is found by its name.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# The framework has no types.
from lolpop.component.metadata_tracker.mlflow_metadata_tracker import (
    MLFlowMetadataTracker as LolpopTracker,
)
from lolpop.utils import common_utils, mlflow_utils

from penstock.lineage.resource import Resource, place_of
from penstock.lineage.settings import read_conf
from penstock.lineage.tracker import MLFlowMetadataTracker
from penstock.lineage.trainers import build_trainer, read_trainer

_SETTINGS = ("mlflow_tracking_uri", "mlflow_experiment_name", "mlflow_run_id", "spool")
_PEERS = (
    "logger",
    "notifier",
    "metrics_tracker",
    "resource_version_control",
    "feature_transformer",
)
_TRANSFORMER = "winning_experiment_feature_transformer"


class PenstockMetadataTracker(MLFlowMetadataTracker, LolpopTracker):  # type: ignore[misc] # no types
    """Keeps the metadata of lolpop's pipelines; its other components take it for lolpop's own.

    What differs from `MLFlowMetadataTracker` is what lolpop's components rely on: metadata that
    are no text come as JSON text, and several previous versions as one id and a list of runs.
    """

    __REQUIRED_CONF__ = {"config": ["mlflow_tracking_uri", "mlflow_experiment_name"]}  # noqa: RUF012 - lolpop's
    __DEFAULT_CONF__: dict[str, Any] = {"config": {}}  # noqa: RUF012 - lolpop's
    # Without a tracker: lolpop would make its own default one for this one to write to.
    __DEFAULT_INT__ = {  # noqa: RUF012 - lolpop's
        "component": {"logger": "StdOutLogger", "notifier": "StdOutNotifier"}
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Past the constructor of lolpop's tracker, which would begin a run of its own.
        super(LolpopTracker, self).__init__(*args, **kwargs)
        self._open(read_conf({name: self._get_config(name) for name in _SETTINGS}))
        self.log(f"Using {self.url} with run id {self.run.info.run_id}", level="INFO")

    def get_metadata(self, resource: Resource, id: str, *_args: object, **_kwargs: object) -> Any:
        """Return text as it was logged, JSON text for everything else, None if there is none."""
        value = super().get_metadata(resource, id)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def get_prev_resource_version(
        self,
        resource: Resource,
        extra_filters: Sequence[str] = (),
        num: int = 1,
        *_args: object,
        **_kwargs: object,
    ) -> Any:
        """Return the version before; with `num` above 1, the id and a list of runs; or None."""
        found = super().get_prev_resource_version(resource, extra_filters, num)
        if num == 1:
            return found
        return (resource[0], [run for _, run in found]) if found else None

    def stop(self, *_args: object, status: str = "FINISHED", **_kwargs: object) -> None:
        """End the runs that this tracker has begun, once, also where MLflow has one active."""
        # lolpop's components make our run MLflow's active one; the next pipeline of this process
        # would go on with it.
        active = mlflow_utils.mlflow.active_run()
        if active is not None and active.info.run_id == self.run.info.run_id:
            mlflow_utils.mlflow.end_run(status)
        super().stop(status=status)

    def load_model(
        self,
        model_obj: object,
        model_version: Resource,
        ref_model: Any = None,
        pipeline_config: Mapping[str, Any] | None = None,
        *_args: object,
        **_kwargs: object,
    ) -> Any:
        """Build the trainer that the winning experiment recorded, with its feature transformer."""
        record = read_trainer(self._parts.metadata, place_of(model_version))
        peers = self._peers()
        config = {**self._config_of(ref_model), **record.config, **(pipeline_config or {})}
        options = {
            "parent": getattr(ref_model, "parent", None) or self,
            "problem_type": getattr(ref_model, "problem_type", None) or self.problem_type,
            "is_standalone": True,
            "dependent_integrations": {"component": peers},
        }
        make = common_utils.load_class(record.class_name, self_obj=self)
        params = record.params or getattr(ref_model, "params", {})
        record = record._replace(config=config, params=params)
        trainer = build_trainer(make, record, options, model_obj)
        self._give_transformer(trainer, model_version, peers)
        return trainer

    def _peers(self) -> dict[str, Any]:
        found = {name: getattr(self, name, None) for name in _PEERS}
        present = {name: peer for name, peer in found.items() if peer is not None}
        return {**present, "metadata_tracker": self}

    def _config_of(self, ref_model: Any) -> dict[str, Any]:
        return dict(getattr(ref_model, "config", None) or {})

    def _give_transformer(
        self, trainer: Any, model_version: Resource, peers: Mapping[str, Any]
    ) -> None:
        metadata, place = self._parts.metadata, place_of(model_version)
        name = metadata.get(place, _TRANSFORMER)
        if not isinstance(name, str):
            return
        config = metadata.get(place, f"{_TRANSFORMER}_config")
        transformer = common_utils.load_class(name, self_obj=self)(
            conf={"config": json.loads(config) if isinstance(config, str) else config or {}},
            parent=self,
            is_standalone=True,
            problem_type=self.problem_type,
            dependent_integrations={"component": dict(peers)},
        )
        fitted = self.resource_version_control.get_feature_transformer(
            self.get_winning_experiment(model_version)
        )
        if fitted is not None:
            transformer._set_transformer(fitted)  # noqa: SLF001 - lolpop's way
        trainer._set_transformer(transformer)  # noqa: SLF001 - the same
