"""What two versions differ in."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from penstock.lineage.catalog import LineageCatalog
from penstock.lineage.deployments import WINNER
from penstock.lineage.graph import LineageGraph
from penstock.lineage.node import Edge, EdgeKind, Node, NodeKind
from penstock.lineage.resource import Resource, place_of
from penstock.lineage.run_record import RunRecord


class Difference(NamedTuple):
    """One fact that is not the same, or only there for one of two; then the other is None."""

    what: str
    first: Any
    second: Any


def compare(
    catalog: LineageCatalog, first: Resource, second: Resource, *, all_facts: bool = False
) -> list[Difference]:
    """Return what differs between two versions, or all there is, by name."""
    ours, theirs = read_facts(catalog, first), read_facts(catalog, second)
    rows = [Difference(what, ours.get(what), theirs.get(what)) for what in sorted({*ours, *theirs})]
    return [row for row in rows if all_facts or row.first != row.second]


def read_facts(catalog: LineageCatalog, resource: Resource) -> dict[str, Any]:
    """Return what is known of a version: data, commits, winner, its params, metrics, status."""
    place = place_of(resource)
    graph = catalog.graph_of(resource)
    facts: dict[str, Any] = {"run": place.run_id}
    for node in graph.nodes:
        facts |= _of_node(node)
    for edge in graph.edges:
        facts |= _of_commit(graph, edge)
    record = catalog.record_of(place.run_id)
    winner = record.value(place.resource_id, WINNER)
    for node in graph.nodes:
        if node.kind is NodeKind.EXPERIMENT and node.name == winner:
            facts |= _of_winner(node)
    return facts | _of_metrics(record, place.resource_id)


def _of_node(node: Node) -> dict[str, Any]:
    if node.kind is NodeKind.DATASET:
        return {f"dataset {node.name}": node.run_id}
    if node.kind is NodeKind.MODEL_VERSION:
        return {"status": node.attributes.get("status")}
    if node.kind is NodeKind.REGISTERED_VERSION:
        return {"registered as": node.name, "stage": node.attributes.get("stage")}
    return {}


def _of_commit(graph: LineageGraph, edge: Edge) -> dict[str, Any]:
    """Return the commit of a part of the data, or of the whole, whichever was told."""
    if edge.kind is not EdgeKind.VERSIONED:
        return {}
    commit = graph.node(edge.source)
    return {f"commit of {commit.attributes.get('of') or graph.node(edge.target).name}": commit.name}


def _of_winner(node: Node) -> dict[str, Any]:
    params: Mapping[str, Any] = node.attributes.get("params") or {}
    return {
        "winner": node.name,
        "trainer": node.attributes.get("model_trainer"),
        **{f"param {name}": value for name, value in params.items()},
    }


def _of_metrics(record: RunRecord, name: str) -> dict[str, Any]:
    begin = f"{name}."
    metrics = record.run.data.metrics
    return {
        f"metric {key.removeprefix(begin)}": value
        for key, value in metrics.items()
        if key.startswith(begin)
    }
