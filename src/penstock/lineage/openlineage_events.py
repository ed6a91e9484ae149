"""A lineage graph as OpenLineage events, which catalogues of data read.

Each model version, experiment and prediction job is a run of a job; datasets are its inputs, and
models and predictions its outputs.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from penstock import __version__
from penstock.errors import MissingLibrary
from penstock.lineage.node import Edge, EdgeKind, Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent
    from openlineage.client.facet_v2 import DatasetFacet

    from penstock.lineage.graph import LineageGraph

PRODUCER: Final = f"urn:penstock:lineage:{__version__}"
_RUNS: Final = (NodeKind.EXPERIMENT, NodeKind.MODEL_VERSION, NodeKind.PREDICTION_JOB)
_ENDS: Final = {"FINISHED": "COMPLETE", "FAILED": "FAIL", "KILLED": "ABORT"}
_MODEL_EDGES: Final = (EdgeKind.CANDIDATE, EdgeKind.WINNER)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_IPV6_HOST: Final = re.compile(
    r"[a-z][a-z0-9+.\-]*://([\w\-.~!$&'()*+,;=:]*@)?\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE
)
_NOT_IN_URIS: Final = re.compile(r"%(?![0-9a-fA-F]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]", re.ASCII)


def make_events(graph: LineageGraph) -> list[RunEvent]:
    """Return a START and, once it is over, an end for each run, in the order of their times."""
    try:
        import openlineage.client.event_v2  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise MissingLibrary(
            "OpenLineage events need a library that is not installed; install it: "
            "pip install 'penstock[openlineage]'"
        ) from error
    drawing = _Drawing(graph)
    events = [event for node in graph.nodes if node.kind in _RUNS for event in drawing.tell(node)]
    return sorted(events, key=lambda event: event.eventTime)


def as_documents(events: Iterable[RunEvent]) -> list[dict[str, Any]]:
    """Return events as JSON has them."""
    from openlineage.client.serde import Serde  # noqa: PLC0415 - an extra

    return [Serde.to_dict(event) for event in events]


class _Drawing:
    """One graph, and how its nodes are called in OpenLineage."""

    def __init__(self, graph: LineageGraph) -> None:
        self._graph = graph
        self._nodes: Mapping[str, Node] = {node.id: node for node in graph.nodes}

    def tell(self, node: Node) -> list[RunEvent]:
        """Return what is to be told of one run."""
        started, ended = node.attributes["started"], node.attributes.get("ended")
        status = str(node.attributes.get("run_status"))
        told = [self._event(node, "START", started)]
        if ended is not None:
            told.append(self._event(node, _ENDS.get(status, "OTHER"), ended))
        return told

    def _event(self, node: Node, state: str, moment: str) -> RunEvent:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState  # noqa: PLC0415

        return RunEvent(
            eventTime=moment,
            eventType=RunState(state),
            producer=PRODUCER,
            run=Run(runId=_run_id(node), facets=self._run_facets(node)),
            job=Job(namespace=self._graph.source, name=_job(node)),
            inputs=self._inputs(node),
            outputs=self._outputs(node),
        )

    def _run_facets(self, node: Node) -> dict[str, Any]:
        from openlineage.client import facet_v2  # noqa: PLC0415

        facets: dict[str, Any] = {
            "nominalTime": facet_v2.nominal_time_run.NominalTimeRunFacet(
                nominalStartTime=node.attributes["started"], producer=PRODUCER
            )
        }
        parent = self._model_of(node) if node.kind is NodeKind.EXPERIMENT else None
        if parent is not None:
            facets["parent"] = facet_v2.parent_run.ParentRunFacet(
                run=facet_v2.parent_run.Run(runId=_run_id(parent)),
                job=facet_v2.parent_run.Job(namespace=self._graph.source, name=_job(parent)),
                producer=PRODUCER,
            )
        return facets

    def _inputs(self, node: Node) -> list[InputDataset]:
        from openlineage.client.event_v2 import InputDataset  # noqa: PLC0415

        reader = self._model_of(node) if node.kind is NodeKind.EXPERIMENT else node
        sources = [] if reader is None else self._before(reader, EdgeKind.MADE_FROM)
        models = self._before(node, EdgeKind.PREDICTED)
        return [
            InputDataset(namespace=self._graph.source, name=found.name, facets=self._facets(found))
            for found in (*sources, *models)
        ]

    def _outputs(self, node: Node) -> list[OutputDataset]:
        from openlineage.client.event_v2 import OutputDataset  # noqa: PLC0415

        return [
            OutputDataset(namespace=self._graph.source, name=node.name, facets=self._facets(node))
        ]

    def _facets(self, node: Node) -> dict[str, DatasetFacet]:
        from openlineage.client import facet_v2  # noqa: PLC0415

        # The commits of a model version are those of the parts of its data.
        commits = self._before(node, EdgeKind.VERSIONED) if node.kind is NodeKind.DATASET else []
        version = next((found.name for found in commits), node.run_id)
        facets: dict[str, DatasetFacet] = {}
        if version is not None:
            facets["version"] = facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet(
                datasetVersion=version, producer=PRODUCER
            )
        uri = _find_uri(node.attributes.get("uri"))
        if uri is not None:
            facets["dataSource"] = facet_v2.datasource_dataset.DatasourceDatasetFacet(
                name=node.name, uri=uri, producer=PRODUCER
            )
        return facets

    def _before(self, node: Node, kind: EdgeKind) -> list[Node]:
        edges = [edge for edge in self._graph.edges if (edge.target, edge.kind) == (node.id, kind)]
        return [self._nodes[edge.source] for edge in edges]

    def _model_of(self, experiment: Node) -> Node | None:
        def leads_there(edge: Edge) -> bool:
            return edge.source == experiment.id and edge.kind in _MODEL_EDGES

        found = next((edge.target for edge in self._graph.edges if leads_there(edge)), None)
        return None if found is None else self._nodes[found]


def _run_id(node: Node) -> str:
    # One run of MLflow holds several jobs of a pipeline; each is a run of its own here.
    # An id may hold what UTF-8 has no bytes for.
    name = f"penstock:{node.id}".encode(errors="backslashreplace").decode()
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _find_uri(address: object) -> str | None:
    """Return an address in the form of URIs, None for one that is none, such as a path."""
    if not isinstance(address, str) or not _SCHEME.match(address):
        return None
    # Brackets belong into URIs around such a host, and nowhere else.
    host = _IPV6_HOST.match(address)
    start = host[0] if host else ""
    rest = address[len(start) :]
    return start + _NOT_IN_URIS.sub(lambda found: quote(found[0], errors="replace"), rest)


def _job(node: Node) -> str:
    if node.kind is NodeKind.EXPERIMENT:
        return f"{node.name.partition('.')[2]}.experiment"
    return node.name
