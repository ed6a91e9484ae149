from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import PenstockError
from penstock.lineage.artifact_calls import ArtifactCalls
from penstock.lineage.endings import ENDINGS
from penstock.lineage.resource import (
    Resource,
    find_parent_id,
    place_of,
    resource_id,
)
from penstock.lineage.settings import TrackerSettings, read_conf
from penstock.lineage.tracker_parts import assemble
from penstock.lineage.version_calls import VersionCalls
from penstock.rest import MlflowClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from penstock.lineage.graph import LineageGraph


class MLFlowMetadataTracker(ArtifactCalls, VersionCalls):
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

    def get_resource_id(self, resource: Resource | str, *_args: object, **_kwargs: object) -> str:
        """Return the id of a resource; a path gives its stem with `_` for each dot."""
        return resource_id(resource)

    def get_parent_id(
        self, resource: Resource | str, type: str | None = None, *_args: object, **_kwargs: object
    ) -> str | None:
        """Return the id of the resource that an experiment was made for; None for other types."""
        return find_parent_id(resource, type)

    def stop(self, *_args: object, status: str = "FINISHED", **_kwargs: object) -> None:
        """End the runs that this tracker has begun, once; it can still be read from.

        Raises what the server refused of all that was logged.
        """
        ENDINGS.forget(self)
        try:
            self._parts.tags.settle()
        finally:
            self._parts.own_runs.stop(status)
            self._parts.tags.look_again()

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
