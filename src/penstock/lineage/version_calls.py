from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.lineage.base import BaseMetadataTracker
from penstock.lineage.deployments import get_winner
from penstock.lineage.resource import Resource, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from penstock.lineage.tracker_parts import TrackerParts


class VersionCalls(BaseMetadataTracker):
    """What a tracker answers of versions: before, deployed, winning, and what they came from."""

    _parts: TrackerParts

    def get_prev_resource_version(
        self,
        resource: Resource,
        extra_filters: Sequence[str] = (),
        num: int = 1,
        *_args: object,
        **_kwargs: object,
    ) -> Any:
        """Return the finished version before, or None; with `num` above 1, a list, newest first.

        `extra_filters` are conditions of MLflow's searches: `tags.model.status = 'DEPLOYED'`.
        """
        found = self._parts.history.list_previous(resource, filters=extra_filters, most=num)
        versions = [(resource[0], run) for run in found]
        if num == 1:
            return versions[0] if versions else None
        return versions

    def get_currently_deployed_model_version(
        self, model_version: Resource, *_args: object, **_kwargs: object
    ) -> Resource | None:
        """Return the newest finished version of a model with status DEPLOYED.

        Where there is none, the newest one that is PROMOTED, else the version before, else None.
        """
        return self._parts.deployments.find_current(model_version)

    def get_prediction_job_model_version(
        self, prediction_job: Resource | str, *_args: object, **_kwargs: object
    ) -> Resource:
        """Return the model version that a prediction job, or the newest one of an id, used."""
        return self._parts.predictions.get_model_version(prediction_job)

    def get_latest_model_resource(
        self, model: Resource | str, type: str | None = None, *_args: object, **_kwargs: object
    ) -> Resource:
        """Return a model's newest prediction job, with that as `type`, or else its newest version.

        Raises UnknownResource if there is none.
        """
        return self._parts.predictions.get_latest(model, type)

    def get_winning_experiment(
        self, model_version: Resource, *_args: object, **_kwargs: object
    ) -> Resource:
        """Return the experiment that a version's metadata `winning_experiment_id` names.

        Raises UnknownResource if it names none.
        """
        return get_winner(self._parts.metadata, self._parts.resources, model_version)

    def build_model_lineage(
        self,
        model_version: Resource,
        dataset_versions: Sequence[Resource] = (),
        *_args: object,
        **_kwargs: object,
    ) -> None:
        """Keep which datasets a version was made from, with their runs and commits.

        None given means those of the version before.
        """
        self._parts.datasets.record(model_version, dataset_versions)

    def register_vc_resource(
        self,
        resource: Resource,
        vc_info: Mapping[str, Any] | None,
        key: str | None = None,
        additional_metadata: Mapping[str, object] | None = None,
        *_args: object,
        **_kwargs: object,
    ) -> None:
        """Keep what version control said of a resource, or with a key of a part, and metadata."""
        place = place_of(resource)
        self._parts.version_control.register(place, vc_info or {}, key)
        for name, value in (additional_metadata or {}).items():
            self._parts.metadata.log(place, name, value)

    def get_vc_info(
        self, resource: Resource, key: str = "hexsha", *_args: object, **_kwargs: object
    ) -> dict[str, Any]:
        """Return what version control said; `X_train` and `X_train_hexsha` name the same key."""
        return self._parts.version_control.get(place_of(resource), key)

    def load_model(
        self,
        model_obj: object,
        model_version: Resource,
        ref_model: Any = None,
        pipeline_config: Mapping[str, Any] | None = None,
        *_args: object,
        **_kwargs: object,
    ) -> Any:
        """Build the trainer that the winning experiment recorded around a fitted model.

        The class is imported by its recorded name, so load only from servers that you trust.
        """
        from penstock.lineage.trainers import (  # noqa: PLC0415 - few pipelines load models
            build_trainer,
            find_class,
            read_trainer,
        )

        record = read_trainer(self._parts.metadata, place_of(model_version))
        config = {**record.config, **(pipeline_config or {})}
        make = find_class(record.class_name, ref_model)
        return build_trainer(make, record._replace(config=config), {"parent": self}, model_obj)
