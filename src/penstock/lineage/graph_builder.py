"""Draws the graph of model versions and datasets from what their runs say."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from penstock.lineage.deployments import DEPLOYED, PROMOTED, STATUS, WINNER
from penstock.lineage.graph import LineageGraph
from penstock.lineage.live_runs import LiveVersion
from penstock.lineage.node import Edge, EdgeKind, Node, NodeKind, node_id
from penstock.lineage.run_record import RunRecord, iso_moment
from penstock.lineage.version_control import HEXSHA, URI
from penstock.rest.entities import ModelVersion, RunInfo
from penstock.rollout.plans import Plan

_OWN_COMMIT: Final = HEXSHA
_COMMIT_OF_A_PART: Final = f"_{HEXSHA}"
_ALGORITHM: Final = "model_trainer"
_METRIC: Final = "performance_metric"
_METRIC_VALUE: Final = "performance_metric_value"
_DEPLOYMENT_ID: Final = "deployment_id"


class GraphBuilder:
    """Collects nodes and edges; the same thing told twice is one node."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}

    def build(self, roots: Iterable[str]) -> LineageGraph:
        """Return what was collected."""
        return LineageGraph(
            tuple(self._nodes.values()), tuple(self._edges), tuple(roots), self._source
        )

    def add_model_version(self, record: RunRecord, name: str) -> str:
        """Add a model version with the commits of its parts and its deployment."""
        status = record.value(name, STATUS)
        attributes = {
            STATUS: status,
            WINNER: record.value(name, WINNER),
            **_performance(record, name),
        }
        added = self._add_resource(record, name, NodeKind.MODEL_VERSION, attributes)
        if status in {DEPLOYED, PROMOTED}:
            self._add_deployment(record, name, added, status)
        return added

    def add_dataset(self, entry: Mapping[str, Any], target: str | None = None) -> str:
        """Add a dataset with its commit, and what was made from it."""
        name, run_id = str(entry["id"]), entry.get("run_id")
        uri = entry.get(URI)
        added = self._add_node(NodeKind.DATASET, name, run_id, {URI: uri})
        commit = entry.get(HEXSHA)
        if commit:
            self._add_commit(str(commit), uri, added, None)
        if target is not None:
            self._connect(added, target, EdgeKind.MADE_FROM)
        return added

    def add_experiment(self, record: RunRecord, name: str, target: str, *, is_winner: bool) -> str:
        """Add an experiment that was run for a model version."""
        attributes = {
            _ALGORITHM: record.value(name, _ALGORITHM),
            **_performance(record, name),
            "params": dict(record.run.data.params) or None,
        }
        added = self._add_resource(record, name, NodeKind.EXPERIMENT, attributes)
        self._connect(added, target, EdgeKind.WINNER if is_winner else EdgeKind.CANDIDATE)
        return added

    def add_registered(self, version: ModelVersion, source: str) -> str:
        """Add a version in MLflow's registry."""
        attributes = {
            "stage": _told(version.current_stage),
            "aliases": ", ".join(version.aliases) or None,
        }
        name = f"{version.name} version {version.version}"
        added = self._add_node(NodeKind.REGISTERED_VERSION, name, version.run_id, attributes)
        self._connect(source, added, EdgeKind.REGISTERED)
        return added

    def add_live(self, live: LiveVersion, beginning: Plan, source: str) -> str:
        """Add a run that a rollout plan holds live, and the revision that put it there."""
        moment = beginning.updated_at
        attributes = {
            STATUS: live.state.status.name,
            "fraction": live.state.fraction,
            "live_since_revision": beginning.revision,
            "live_since": None if moment is None else iso_moment(moment),
            "by": beginning.updated_by,
        }
        name = f"{live.plan.submodel_name} {live.plan.version}"
        added = self._add_node(NodeKind.DEPLOYMENT, name, live.run_id, attributes)
        self._connect(source, added, EdgeKind.DEPLOYED)
        return added

    def add_predictions(self, record: RunRecord, name: str, source: str | None) -> str:
        """Add a prediction job, and the model version that it used."""
        added = self._add_resource(record, name, NodeKind.PREDICTION_JOB, {})
        if source is not None:
            self._connect(source, added, EdgeKind.PREDICTED)
        return added

    def add_other(self, record: RunRecord, name: str) -> str:
        """Add a resource of any other kind."""
        return self._add_resource(record, name, record.kind_of(name), {})

    def _add_resource(
        self, record: RunRecord, name: str, kind: NodeKind, attributes: Mapping[str, Any]
    ) -> str:
        info = record.run.info
        added = self._add_node(kind, name, info.run_id, {**attributes, **_times(info)})
        for key, text in record.resources.get(name, {}).items():
            if key == _OWN_COMMIT or key.endswith(_COMMIT_OF_A_PART):
                part = key.removesuffix(HEXSHA).rstrip("_") or None
                uri = record.value(name, f"{part}_{URI}" if part else URI)
                self._add_commit(text, uri, added, part)
        return added

    def _add_deployment(self, record: RunRecord, name: str, version: str, status: str) -> None:
        deployment = record.value(name, _DEPLOYMENT_ID)
        label = deployment if isinstance(deployment, str) else name
        added = self._add_node(NodeKind.DEPLOYMENT, label, record.run.info.run_id, {STATUS: status})
        self._connect(version, added, EdgeKind.DEPLOYED)

    def _add_commit(self, commit: str, uri: object, target: str, part: str | None) -> None:
        added = self._add_node(NodeKind.COMMIT, commit, None, {"of": part, URI: uri})
        self._connect(added, target, EdgeKind.VERSIONED)

    def _add_node(
        self, kind: NodeKind, name: str, run_id: str | None, attributes: Mapping[str, Any]
    ) -> str:
        found = node_id(kind, name, run_id)
        known = self._nodes.get(found)
        merged = {**(known.attributes if known else {}), **_present(attributes)}
        self._nodes[found] = Node(found, kind, name, run_id, merged)
        return found

    def _connect(self, source: str, target: str, kind: EdgeKind) -> None:
        self._edges[Edge(source, target, kind)] = None


def _performance(record: RunRecord, name: str) -> dict[str, Any]:
    metric, value = record.value(name, _METRIC), record.value(name, _METRIC_VALUE)
    return {metric: value} if isinstance(metric, str) and value is not None else {}


def _times(info: RunInfo) -> dict[str, Any]:
    return {
        "run_status": info.status,
        "started": iso_moment(info.start_time),
        "ended": iso_moment(info.end_time) if info.end_time else None,
    }


def _present(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _told(stage: str | None) -> str | None:
    return None if stage in {None, "", "None"} else stage
