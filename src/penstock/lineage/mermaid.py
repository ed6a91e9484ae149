"""A lineage graph as a Mermaid flowchart. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from penstock.lineage.node import Node, NodeKind

if TYPE_CHECKING:
    from penstock.lineage.graph import LineageGraph

_SHAPES: Final = {
    NodeKind.DATASET: ('[("', '")]'),
    NodeKind.COMMIT: ('>"', '"]'),
    NodeKind.EXPERIMENT: ('("', '")'),
    NodeKind.DEPLOYMENT: ('{{"', '"}}'),
    NodeKind.PREDICTION_JOB: ('[/"', '"/]'),
}
_BOX: Final = ('["', '"]')
_SPECIAL: Final = frozenset("\"'<>&#;:`\\{}[]()|")


def draw_flowchart(graph: LineageGraph) -> str:
    """Return the text of a flowchart, from what was there first to what was made of it."""
    numbers = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    boxes = [f"    {numbers[node.id]}{_box(node)}" for node in graph.nodes]
    arrows = [
        f"    {numbers[edge.source]} -->|{edge.kind.value}| {numbers[edge.target]}"
        for edge in graph.edges
    ]
    return "\n".join(["flowchart LR", *boxes, *arrows])


def _box(node: Node) -> str:
    begin, end = _SHAPES.get(node.kind, _BOX)
    lines = [node.kind.value, node.name, *([f"run {node.run_id}"] if node.run_id else [])]
    return begin + "<br/>".join(_safe(line) for line in lines) + end


def _safe(text: str) -> str:
    # Mermaid reads `#34;` as a quote; a raw one would end the label, and HTML would be drawn. After
    # the word style and a colon it would lose the `;`.
    return "".join(
        f"#{ord(mark)};" if mark in _SPECIAL or not mark.isprintable() else mark for mark in text
    )
