from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import PenstockError
from penstock.lineage.base import BaseMetadataTracker
from penstock.lineage.deployments import get_winner
from penstock.lineage.endings import ENDINGS
from penstock.lineage.reports import ReportKind
from penstock.lineage.resource import (
    Resource,
    find_parent_id,
    place_of,
    resource_id,
)
from penstock.lineage.settings import TrackerSettings, read_conf
from penstock.lineage.tracker_parts import assemble
from penstock.rest import MlflowClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from penstock.lineage.artifacts import LocalPath
    from penstock.lineage.graph import LineageGraph


class MLFlowMetadataTracker(BaseMetadataTracker):
    """Keeps the metadata of a pipeline in one run of MLflow, and its experiments in runs below it.

    `conf` holds `mlflow_tracking_uri` and `mlflow_experiment_name`, flat or below `config`; with
    `mlflow_run_id` the tracker goes on with the run of a process that was killed, and with
    `spool`, a folder, what is logged survives even an outage of the server.

    What is logged is on the server within half a second. The tracker and its threads read it at
    once; what the server refused is raised by a later call, or by `stop`, as a LineageError. Runs
    end with `stop`, with the `with` statement, or else with the process.
    """

    def __init__(
        self, conf: Mapping[str, Any] | None = None, *_args: object, **_kwargs: object
    ) -> None:
        self._open(read_conf(conf))

    def _open(self, settings: TrackerSettings) -> None:
        self.client = MlflowClient(settings.tracking_uri, spool=settings.spool)
        try:
            self._parts = assemble(self.client, settings)
        except BaseException:
            self.client.close()
            raise
        self.run = self._parts.resources.run
        self.url = self.client.tracking_uri
        ENDINGS.know(self)

    def log_artifact(
        self, resource: Resource, id: str, path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a file, or a folder with its name, into `{resource id}/{id}/` of the run."""
        self._parts.artifacts.log(place_of(resource), id, path)

    def get_artifact(
        self,
        resource: Resource,
        id: str,
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download what was uploaded under an id, and return where it is.

        That is a file, or a folder if there are several. None as `dst_path` means a new folder,
        which is the caller's to delete. Raises UnknownResource if there is nothing.
        """
        return self._parts.artifacts.get(place_of(resource), id, dst_path)

    def log_tag(
        self, resource: Resource, key: str, value: object, *_args: object, **_kwargs: object
    ) -> None:
        """Set the tag `{resource id}.{key}` to the text of a value."""
        self._parts.metadata.update_texts(place_of(resource), {key: str(value)})

    def get_tag(
        self, resource: Resource, key: str, *_args: object, **_kwargs: object
    ) -> str | None:
        """Return the text of a tag, None if there is none."""
        return self._parts.metadata.find_text(place_of(resource), key)

    def log_metadata(
        self, resource: Resource, id: str, data: object, *_args: object, **_kwargs: object
    ) -> None:
        """Keep a value under an id; a dictionary whose id holds `param` becomes params as well.

        What JSON has no word for comes back as what is closest: see the guide on lineage.
        """
        self._parts.metadata.log(place_of(resource), id, data)

    def get_metadata(self, resource: Resource, id: str, *_args: object, **_kwargs: object) -> Any:
        """Return the value that was logged, None if there is none."""
        return self._parts.metadata.get(place_of(resource), id)

    def create_resource(
        self,
        id: str | None,
        type: str | None = None,
        parent: Resource | None = None,
        *_args: object,
        **_kwargs: object,
    ) -> Resource:
        """Make a version of a resource in this tracker's run.

        One of type `experiment` gets a run below that of `parent`, and its id from both.
        """
        return self._parts.resources.create(id, type, parent)

    def get_resource(
        self,
        id: str,
        type: str | None = None,
        parent: Resource | None = None,
        *_args: object,
        **_kwargs: object,
    ) -> Resource:
        """Return a resource of this tracker's run, else of the newest finished run that made it.

        Raises UnknownResource if there is none.
        """
        return self._parts.resources.get(id, type, parent)

    def update_resource(
        self, resource: Resource, updates: Mapping[str, object], *_args: object, **_kwargs: object
    ) -> None:
        """Keep each of several values under its key."""
        self._parts.metadata.update(place_of(resource), updates)

    def clean_resource(
        self, resource: Resource, type: str | None = None, *_args: object, **_kwargs: object
    ) -> None:
        """End the run of a resource, and no other; one that has ended stays as it is."""
        self._parts.resources.clean(resource)

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

    def get_resource_id(self, resource: Resource | str, *_args: object, **_kwargs: object) -> str:
        """Return the id of a resource; a path gives its stem with `_` for each dot."""
        return resource_id(resource)

    def get_parent_id(
        self, resource: Resource | str, type: str | None = None, *_args: object, **_kwargs: object
    ) -> str | None:
        """Return the id of the resource that an experiment was made for; None for other types."""
        return find_parent_id(resource, type)

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

    def log_data_profile(
        self, resource: Resource, file_path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a profile of data."""
        self._parts.reports.log(place_of(resource), ReportKind.PROFILE, file_path)

    def get_data_profile(
        self,
        resource: Resource,
        id: str | None = None,
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download a profile by the stem of its file's name, or the newest; return where it is.

        Raises UnknownResource without one.
        """
        return self._parts.reports.get(place_of(resource), ReportKind.PROFILE, id, dst_path)

    def log_checks(
        self,
        resource: Resource,
        file_path: LocalPath,
        type: str = "data",
        *_args: object,
        **_kwargs: object,
    ) -> None:
        """Upload a report of checks on what `type` says: data, a model, predictions."""
        self._parts.reports.log(place_of(resource), ReportKind.CHECKS.of(type), file_path)

    def get_data_checks(
        self,
        resource: Resource,
        id: str | None = None,
        type: str = "data",
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download a report of checks as `get_data_profile` does a profile; return where it is."""
        key = ReportKind.CHECKS.of(type)
        return self._parts.reports.get(place_of(resource), key, id, dst_path)

    def log_data_comparison(
        self, resource: Resource, file_path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a comparison of data."""
        self._parts.reports.log(place_of(resource), ReportKind.COMPARISON, file_path)

    def stop(self, *_args: object, status: str = "FINISHED", **_kwargs: object) -> None:
        """End the runs that this tracker has begun, once; it can still be read from.

        Raises what the server refused of all that was logged.
        """
        ENDINGS.forget(self)
        try:
            self._parts.tags.settle()
        finally:
            self._parts.own_runs.stop(status)

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

    def lineage(self, resource: Resource) -> LineageGraph:
        """Return the graph of what a resource came from, and what came of it."""
        from penstock.lineage.catalog import LineageCatalog  # noqa: PLC0415 - read on demand

        return LineageCatalog(self.client, self._parts.tags).graph_of(resource)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.stop()
            return
        try:
            self.stop(status="FAILED")
        except PenstockError as problem:
            # What went wrong first is what counts.
            if error is not None:
                error.add_note(f"the tracker could not be stopped: {problem}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}, run {self.run.info.run_id})"
