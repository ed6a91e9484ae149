"""Reads what belongs to a resource, and hands it to a graph."""

from collections.abc import Iterator
from typing import Final

from penstock.lineage.datasets import Datasets
from penstock.lineage.deployments import WINNER
from penstock.lineage.graph_builder import GraphBuilder
from penstock.lineage.history import History, tag_is
from penstock.lineage.live_runs import LiveRuns
from penstock.lineage.metadata import Metadata
from penstock.lineage.node import NodeKind
from penstock.lineage.own_runs import PARENT_MARK, PARENT_TAG
from penstock.lineage.resource import prediction_id, registered_name
from penstock.lineage.resources import PARENT_RUN
from penstock.lineage.run_record import RunRecord, record_of
from penstock.lineage.version_control import VersionControl
from penstock.rest import MlflowClient

NEWEST_RUNS: Final = 1000
"""How many runs are looked through for what was made from a dataset."""
NEWEST_FIRST: Final = ("attributes.start_time DESC",)


class GraphReader:
    """Finds the data, experiments, registered versions and predictions of what a run made."""

    def __init__(self, client: MlflowClient, metadata: Metadata) -> None:
        self._client = client
        self._version_control = VersionControl(metadata)
        self._datasets = Datasets(metadata, self._version_control, History(client))
        self._live_runs = LiveRuns(client)

    def add(self, builder: GraphBuilder, record: RunRecord, name: str) -> str:
        """Add a resource of a run with all that belongs to it; return the id of its node."""
        kind = record.kind_of(name)
        if kind is NodeKind.MODEL_VERSION:
            return self._add_model_version(builder, record, name)
        if kind is NodeKind.DATASET:
            return self._add_dataset(builder, record, name)
        if kind is NodeKind.PREDICTION_JOB:
            return builder.add_predictions(record, name, None)
        return builder.add_other(record, name)

    def _add_model_version(self, builder: GraphBuilder, record: RunRecord, name: str) -> str:
        version = builder.add_model_version(record, name)
        for entry in self._datasets.read(record.place(name)):
            builder.add_dataset(entry, version)
        winner = record.value(name, WINNER)
        for child, below in self._iter_experiments(record, name):
            builder.add_experiment(below, child, version, is_winner=child == winner)
        for registered in self._client.iter_model_versions(f"run_id = '{record.run.info.run_id}'"):
            if (
                registered.name == registered_name(name)
                or len(record.list_kind(NodeKind.MODEL_VERSION)) == 1
            ):
                builder.add_registered(registered, version)
        self._add_live(builder, record, name, version)
        self._add_predictions(builder, record, name, version)
        return version

    def _iter_experiments(self, record: RunRecord, name: str) -> Iterator[tuple[str, RunRecord]]:
        below = f"tags.`{PARENT_TAG}` = '{record.run.info.run_id}'"
        runs = self._client.iter_runs(
            [record.run.info.experiment_id], below, order_by=("attributes.start_time ASC",)
        )
        for run in runs:
            experiment = f"{run.info.run_id}.{name}"
            child = record_of(run)
            if experiment in child.resources:
                yield experiment, child

    def _add_live(self, builder: GraphBuilder, record: RunRecord, name: str, version: str) -> None:
        for live in self._live_runs.iter_of(record.run.info.experiment_id, name):
            if live.origin.info.run_id == record.run.info.run_id:
                builder.add_live(live, self._live_runs.find_beginning(live), version)

    def _add_predictions(
        self, builder: GraphBuilder, record: RunRecord, name: str, version: str
    ) -> None:
        job = prediction_id(name)
        if job in record.resources:
            builder.add_predictions(record, job, version)
        elsewhere = self._client.iter_runs(
            [record.run.info.experiment_id],
            tag_is(f"{job}.{PARENT_RUN}", record.run.info.run_id),
            order_by=NEWEST_FIRST,
        )
        for run in elsewhere:
            if run.info.run_id != record.run.info.run_id:
                builder.add_predictions(record_of(run), job, version)

    def _add_dataset(self, builder: GraphBuilder, record: RunRecord, name: str) -> str:
        place = record.place(name)
        entry = {"id": name, "run_id": place.run_id, **self._version_control.get(place)}
        added = builder.add_dataset(entry)
        builder.add_other(record, name)
        for other in self._newest(record.run.info.experiment_id):
            for model in other.list_kind(NodeKind.MODEL_VERSION):
                made_from = self._datasets.read(other.place(model))
                if any((entry["id"], entry.get("run_id")) == place for entry in made_from):
                    builder.add_dataset(entry, builder.add_model_version(other, model))
        return added

    def _newest(self, experiment_id: str) -> Iterator[RunRecord]:
        page = self._client.search_runs(
            [experiment_id],
            tag_is(PARENT_MARK, "True"),
            max_results=NEWEST_RUNS,
            order_by=list(NEWEST_FIRST),
        )
        for run in page:
            yield record_of(run)
