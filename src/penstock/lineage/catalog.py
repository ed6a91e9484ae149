"""What a server knows of lineage, read without beginning a run."""

from collections.abc import Iterator
from typing import Final

from penstock.errors import MlflowException, UnknownResource
from penstock.lineage.experiments import get_experiment
from penstock.lineage.graph import LineageGraph
from penstock.lineage.graph_builder import GraphBuilder
from penstock.lineage.graph_reader import NEWEST_FIRST, GraphReader
from penstock.lineage.history import EXISTS, tag_is
from penstock.lineage.metadata import Metadata
from penstock.lineage.node import NodeKind
from penstock.lineage.own_runs import PARENT_MARK
from penstock.lineage.resource import (
    Place,
    Resource,
    is_prediction_id,
    model_id_of,
    place_of,
    resource_id,
    split_experiment_id,
)
from penstock.lineage.resources import MARK, PARENT_RUN
from penstock.lineage.run_record import RunRecord, read_record, record_of
from penstock.lineage.run_tags import RunTags
from penstock.rest import MlflowClient
from penstock.rest.entities import Run

PAGE_SIZE: Final = 100


class LineageCatalog:
    """Draws graphs and lists resources with nothing but a client."""

    def __init__(self, client: MlflowClient, tags: RunTags | None = None) -> None:
        self._client = client
        self._tags = tags or RunTags(client)
        self._metadata = Metadata(self._tags)
        self._reader = GraphReader(client, self._metadata)

    def find_run(self, run_id: str) -> Run | None:
        """Return a run, or None if there is none of this id."""
        try:
            return self._tags.look_up(run_id)
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise

    def get_newest(self, experiment: str, name: str) -> Resource:
        """Return the newest version of a resource in the experiment of a name."""
        for record in self.iter_records(experiment, name, page_size=1):
            return name, record.run
        raise UnknownResource(
            f"no run of experiment '{experiment}' has made '{name}'; "
            f"see `penstock lineage list --experiment '{experiment}'`"
        )

    def iter_records(
        self, experiment: str, name: str | None = None, *, page_size: int = PAGE_SIZE
    ) -> Iterator[RunRecord]:
        """Yield the runs of the experiment of a name that trackers began, newest first."""
        experiment_id = get_experiment(self._client, experiment)
        conditions = [tag_is(PARENT_MARK, "True")]
        if name is not None:
            conditions.append(tag_is(f"{resource_id(name)}.{EXISTS}", MARK))
        for run in self._client.iter_runs(
            [experiment_id],
            " and ".join(conditions),
            order_by=NEWEST_FIRST,
            page_size=page_size,
        ):
            yield record_of(run)

    def get_record(self, run_id: str) -> RunRecord:
        """Return what a run says. Raises UnknownResource without such a run."""
        if self.find_run(run_id) is None:
            raise UnknownResource(
                f"there is no run '{run_id}', or you may not see it; the id of a resource needs "
                "the name of its experiment, too (--experiment)"
            )
        return self.record_of(run_id)

    def record_of(self, run_id: str) -> RunRecord:
        """Return what a run says."""
        run = self._tags.look_up(run_id)
        return read_record(run, self._tags.read(run_id))

    def graph_of(self, resource: Resource) -> LineageGraph:
        """Return the graph around a resource: of its model version, where it belongs to one."""
        builder = GraphBuilder(self._client.tracking_uri)
        place = self._root_of(place_of(resource))
        return builder.build(
            [self._reader.add(builder, self.record_of(place.run_id), place.resource_id)]
        )

    def get_what(
        self, what: str, experiment: str | None = None, name: str | None = None
    ) -> Resource:
        """Return what a run's id or a resource's id stands for; of a run, its one model version.

        `name` chooses among several. Raises UnknownResource.
        """
        if experiment is not None:
            return self.get_newest(experiment, what)
        run_id, _, parent_id = what.partition(".")
        record = self.get_record(run_id)
        return (what if parent_id else self._choose(record, name)), record.run

    def graph_of_what(self, what: str, experiment: str | None = None) -> LineageGraph:
        """Return the graph for a run's id, or for a resource's in the experiment of a name."""
        if experiment is None and "." not in what and self.find_run(what) is not None:
            return self.graph_of_run(what)
        return self.graph_of(self.get_what(what, experiment))

    def graph_of_run(self, run_id: str) -> LineageGraph:
        """Return the graph around all model versions of a run, or else around all it made."""
        record = self.record_of(run_id)
        names = record.list_kind(NodeKind.MODEL_VERSION) or sorted(record.resources)
        if not names:
            raise UnknownResource(
                f"run {run_id} made no resource; name one that a tracker has written to"
            )
        builder = GraphBuilder(self._client.tracking_uri)
        return builder.build([self._reader.add(builder, record, name) for name in names])

    def _choose(self, record: RunRecord, name: str | None) -> str:
        names = record.list_kind(NodeKind.MODEL_VERSION) or sorted(record.resources)
        if name is not None and name in record.resources:
            return name
        if name is None and len(names) == 1:
            return names[0]
        run_id, made = record.run.info.run_id, ", ".join(names) or "nothing"
        raise UnknownResource(f"run {run_id} made {made}; choose one of it with --resource")

    def _root_of(self, place: Place) -> Place:
        if self._metadata.find_text(place, EXISTS) is None:
            raise UnknownResource(
                f"run {place.run_id} made no '{place.resource_id}'; check the id and the run"
            )
        parent_run = self._metadata.find_text(place, PARENT_RUN)
        if parent_run is not None and place.resource_id.startswith(f"{place.run_id}."):
            return Place(split_experiment_id(place.resource_id)[1], parent_run)
        if is_prediction_id(place.resource_id):
            model = Place(model_id_of(place.resource_id), parent_run or place.run_id)
            return model if self._metadata.find_text(model, EXISTS) else place
        return place
